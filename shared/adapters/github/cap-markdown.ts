/**
 * Markdown of at most `limit` characters: cut at a line, with what was open (a code block, folded sections) closed again and
 * `note` at the end. GitHub refuses a longer text whole, and a half-open `<details>` would swallow what stands below.
 */
export function capMarkdown(text: string, limit: number, note: string): string {
  if (text.length <= limit) return text;
  const room = limit - note.length - 2;
  let kept = text.slice(0, Math.max(0, room));
  for (;;) {
    const end = kept.lastIndexOf('\n');
    kept = end < 0 ? '' : kept.slice(0, end);
    const closing = closeOpen(kept);
    if (kept.length + closing.length <= room || kept === '') return `${kept}${closing}\n\n${note}`;
  }
}

function closeOpen(text: string): string {
  const fenced = (text.match(/^ {0,3}```/gm)?.length ?? 0) % 2 === 1;
  const opened = (text.match(/<details\b/g)?.length ?? 0) - (text.match(/<\/details>/g)?.length ?? 0);
  return `${fenced ? '\n```' : ''}${'\n</details>'.repeat(Math.max(0, opened))}`;
}
