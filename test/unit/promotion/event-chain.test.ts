import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from '../../../shared/digest/canonical-json.ts';
import { appendEvent, eventId, verifyChain } from '../../../shared/promotion/event-chain.ts';
import { allOf, currentEvents, lastOf, lastPlanned, newEvent, nextAttempt } from '../../../shared/promotion/event-data.ts';
import { anna, bot, ready, requested, withEvent } from '../../support/promotion/promotion-facts.ts';
import '../../support/seeded-properties.ts';

const place = { at: '2026-11-21T10:00:00.000Z', by: 'weighin[bot]/1', model: 'churn', stage: 'production', generation: 42 };
const withdrawn = (cause: string) => newEvent('promotion.withdrawn', anna, cause, { why: cause });
const chain = (...causes: string[]) => causes.reduce((text, cause) => appendEvent(text, withdrawn(cause), place), '');

describe('appendEvent', () => {
  it('chains each line to the bytes of the one before', () => {
    const text = chain('a', 'b');
    const [first = '', second = ''] = text.split('\n');
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(first)).toMatchObject({
      seq: 1,
      prev: null,
      id: eventId('promotion.withdrawn', 'a'),
      promotion: 'churn.production.42',
    });
    expect(JSON.parse(second)).toMatchObject({ seq: 2, prev: digestOf(new TextEncoder().encode(first)) });
  });

  it('writes a fact once, however often and in whatever order it is told', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }), (causes) => {
        const told = verifyChain(chain(...causes));
        expect(told.whole).toBe(true);
        expect(told.lines.map(({ cause }) => cause)).toEqual([...new Set(causes)]);
      }),
    );
  });

  it('builds on nothing that is broken', () => {
    expect(() => appendEvent(chain('a').replace('"seq":1', '"seq":2'), withdrawn('b'), place)).toThrow(
      /churn.production.42 are broken at line 1/,
    );
  });

  it('takes no data that its readers would not understand', () => {
    expect(() => newEvent('promotion.withdrawn', anna, 'a', { why: 'x', more: 1 } as never)).toThrow();
  });
});

describe('verifyChain', () => {
  const text = chain('a', 'b', 'c');
  const lines = text.split('\n').slice(0, 3);
  const edit = (index: number, change: (line: Record<string, unknown>) => object) =>
    `${lines.map((line, at) => (at === index ? canonicalJson(change(JSON.parse(line))) : line)).join('\n')}\n`;

  const tampered: readonly [string, string, number, RegExp][] = [
    ['an edited line', edit(1, (line) => ({ ...line, data: { why: 'else' } })), 3, /does not follow/],
    ['an edited last line, by its id', edit(2, (line) => ({ ...line, cause: 'else' })), 3, /its id/],
    ['a line taken out', `${lines[0]}\n${lines[2]}\n`, 2, /number 3, not 2/],
    [
      'a line taken out and the rest counted anew',
      `${lines[0]}\n${canonicalJson({ ...JSON.parse(lines[2]!), seq: 2 })}\n`,
      2,
      /does not follow/,
    ],
    ['lines swapped', `${lines[1]}\n${lines[0]}\n${lines[2]}\n`, 1, /number 2, not 1/],
    ['a line said twice', `${text}${lines[2]}\n`, 4, /number 3, not 4/],
    ['another generation', edit(2, (line) => ({ ...line, generation: 43 })), 3, /another promotion/],
    ['a promotion that is not its generation', edit(0, (line) => ({ ...line, promotion: 'churn.production.1' })), 1, /its promotion/],
    ['spaces', `${lines[0]} \n`, 1, /not canonical/],
    ['no JSON', 'x\n', 1, /no JSON/],
    ['another schema', '{}\n', 1, /weighin\/event@1/],
    ['a line cut off', `${lines[0]}\n${lines[1]?.slice(0, 40)}`, 2, /cut off|no JSON/],
    ['no line break at the end', `${lines[0]}`, 1, /cut off/],
  ];
  it.each(tampered)('finds %s', (_name, broken, line, why) => {
    const found = verifyChain(broken);
    expect(found.whole).toBe(false);
    if (!found.whole) {
      expect(found.line).toBe(line);
      expect(found.why).toMatch(why);
    }
  });

  it('finds any change of one character', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('0', 'a', '"', '}', ' '), (at, by) => {
        fc.pre(text[at] !== by);
        const changed = verifyChain(text.slice(0, at) + by + text.slice(at + 1));
        // The last line's own words are held by nothing after it, except its id, its place and its form.
        if (at < text.length - lines[2]!.length - 1) expect(changed.whole).toBe(false);
      }),
    );
  });
});

describe('events of a generation that was asked for twice', () => {
  const twice = (() => {
    const first = withEvent(ready(), 'promotion.withdrawn', { why: 'given up' });
    const { data } = lastOf(first.events, 'promotion.requested')!;
    return withEvent(first, 'promotion.requested', data, { actor: anna, cause: 'comment:2:1' });
  })();

  it('starts anew with each request, and does not inherit the pull request of the one before', () => {
    expect(currentEvents(twice.events)).toHaveLength(1);
    expect(lastPlanned(twice.events)).toBeNull();
    expect(allOf(twice.events, 'promotion.withdrawn')).toEqual([]);
    expect(lastOf(twice.events, 'promotion.requested')?.actor).toEqual(anna);
  });

  it('gives the next one a branch of its own', () => {
    expect(nextAttempt(requested().events)).toBe(1);
    expect(nextAttempt(twice.events)).toBe(2);
  });

  it('says which event cannot be read', () => {
    const [line] = twice.events;
    expect(() => lastOf([{ ...line!, data: { version: 'twelve' } }], 'promotion.requested')).toThrow(/Event 1 of churn.production.42/);
    expect(lastOf([{ ...line!, actor: bot }], 'promotion.requested')?.actor).toEqual(bot);
  });
});
