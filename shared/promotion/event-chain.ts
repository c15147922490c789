import { canonicalBytes, canonicalJson, digestOf } from '../digest/canonical-json.ts';
import { InfrastructureError } from '../errors.ts';
import { type EventLine, eventLineSchema } from './event-document.ts';
import type { NewEvent } from './forge.ts';
import { promotionId } from './state-paths.ts';

/** The same fact is the same event, however often and in whatever order it is delivered. */
export const eventId = (type: string, cause: string): string => digestOf(new TextEncoder().encode(`${type}\n${cause}`));

export interface EventPlace {
  /** The forge's time, ISO 8601 in UTC. */
  readonly at: string;
  /** `weighin[bot]/1.0.0`. */
  readonly by: string;
  readonly model: string;
  readonly stage: string;
  readonly generation: number;
}

/**
 * A file's text with one line more, or the very same text where the fact is in it already.
 * @throws InfrastructureError STATE_BROKEN where the lines before are not whole: nothing is built on them
 */
export function appendEvent(text: string, event: NewEvent, place: EventPlace): string {
  const chain = verifyChain(text);
  if (!chain.whole)
    throw new InfrastructureError(
      'STATE_BROKEN',
      `The events of ${promotionId(place.model, place.stage, place.generation)} are broken at line ${chain.line}: ${chain.why}.`,
    );
  const { lines } = chain;
  const id = eventId(event.type, event.cause);
  if (lines.some((line) => line.id === id)) return text;
  const last = lines.at(-1);
  const { model, stage, generation } = place;
  const line = eventLineSchema.parse({
    schema: 'weighin/event@1',
    id,
    prev: last ? digestOf(canonicalBytes(last)) : null,
    seq: (last?.seq ?? 0) + 1,
    at: place.at,
    model,
    stage,
    generation,
    promotion: promotionId(model, stage, generation),
    type: event.type,
    actor: event.actor,
    cause: event.cause,
    data: event.data,
    by: place.by,
  });
  return `${text}${canonicalJson(line)}\n`;
}

export type ChainCheck =
  | { readonly whole: true; readonly lines: readonly EventLine[] }
  /** Counts from 1; `lines` are those before it. */
  | { readonly whole: false; readonly line: number; readonly why: string; readonly lines: readonly EventLine[] };

/** Whether the lines of a file are what was appended to it, one by one; else the first that is not. What was cut off at the end cannot be seen. */
export function verifyChain(text: string): ChainCheck {
  const lines: EventLine[] = [];
  if (text === '') return { whole: true, lines };
  const written = text.split('\n');
  const broken = (why: string): ChainCheck => ({ whole: false, line: lines.length + 1, why, lines });
  const ended = written.pop() === '';
  for (const each of written) {
    const line = readLine(each);
    if (typeof line === 'string') return broken(line);
    const last = lines.at(-1);
    if (line.seq !== lines.length + 1) return broken(`it is number ${line.seq}, not ${lines.length + 1}`);
    if (line.prev !== (last ? digestOf(canonicalBytes(last)) : null)) return broken('it does not follow from the line before it');
    if (line.id !== eventId(line.type, line.cause)) return broken('its id is not that of its type and cause');
    if (lines.some(({ id }) => id === line.id)) return broken('it repeats an event');
    const first = lines[0] ?? line;
    if (line.model !== first.model || line.stage !== first.stage || line.generation !== first.generation)
      return broken('it is of another promotion');
    if (line.promotion !== promotionId(line.model, line.stage, line.generation))
      return broken('its promotion is not the one of its generation');
    lines.push(line);
  }
  return ended ? { whole: true, lines } : broken('it is cut off');
}

function readLine(text: string): EventLine | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  const parsed = eventLineSchema.safeParse(content);
  if (!parsed.success) return `${parsed.error.issues[0]?.path.join('.') || 'it'} is not as in weighin/event@1`;
  return canonicalJson(parsed.data) === text ? parsed.data : 'its text is not canonical';
}
