/** What GitHub's tokens, signed tokens, keys and passwords in addresses look like, wherever they come from. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\b(?:gh[a-z]_|github_pat_)\w+/g, '[secret]'],
  [/\bv1\.[0-9a-f]{40}\b/g, '[secret]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[secret]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[secret]'],
  [/\bsha256=[0-9a-f]{64}\b/g, 'sha256=[signature]'],
  [/\b(bearer|token|basic) [\w.+/=-]{16,}/gi, '$1 [secret]'],
  [/(\w:\/\/)[^/@\s"]+@/g, '$1[secret]@'],
];

/** A text without the secrets that it is told of, as they are and as JSON inside it has them, and without what looks like one. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < 8) continue;
    clean = clean.replaceAll(secret, '[secret]').replaceAll(JSON.stringify(secret).slice(1, -1), '[secret]');
  }
  for (const [shape, instead] of shapes) clean = clean.replaceAll(shape, instead);
  return clean;
}
