import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandTable, sharedCodes } from '../../../../bot/commands/command-table.ts';
import { parseComment } from '../../../../bot/commands/parse-comment.ts';

const parse = (body: string, verbs: 'standalone' | 'prefixed' = 'standalone') => parseComment(body, { verbs });
const commands = (body: string) => parse(body).lines.map(({ command }) => command);
const codes = (body: string) => parse(body).mistakes.map(({ code }) => code);

describe('reads every command of the design', () => {
  const promote = { name: 'promote', model: 'churn', version: 12, stage: 'production', dryRun: false, reason: null };
  const rollback = { name: 'rollback', model: 'churn', stage: 'production', to: null, dryRun: false, reason: null };
  const hold = { name: 'hold', model: 'churn', stage: 'production', reason: 'incident 4711', until: null };
  it.each([
    ['/promote churn@v12 production', promote],
    ['/promote churn@12 production', promote],
    ['/promote churn@v12 to production', promote],
    ['/weighin promote churn@v12 production', promote],
    ['/Promote churn@v12 production', promote],
    ['/promote\tchurn@v12   production  ', promote],
    ['/promote --dry-run churn@v12 production', { ...promote, dryRun: true }],
    ['/promote churn@v12 production —dry-run', { ...promote, dryRun: true }],
    ['/promote churn@v12 production --reason "spring data"', { ...promote, reason: 'spring data' }],
    ['/promote churn@v12 production --reason “spring data”', { ...promote, reason: 'spring data' }],
    ['/promote churn@v12 production --reason „spring data“ --dry-run', { ...promote, reason: 'spring data', dryRun: true }],
    ['/promote churn@v12 production --reason="a=b; --dry-run"', { ...promote, reason: 'a=b; --dry-run' }],
    ['/promote churn@v12 production --reason=spring', { ...promote, reason: 'spring' }],
    ['/promote churn@v12 production --reason "ready ❤️"', { ...promote, reason: 'ready ❤️' }],
    ['/rollback churn production', rollback],
    ['/rollback churn production to v10', { ...rollback, to: 10 }],
    ['/rollback churn production to 10 --dry-run', { ...rollback, to: 10, dryRun: true }],
    ['/canary churn production pause', { name: 'canary', model: 'churn', stage: 'production', action: 'pause' }],
    ['/canary churn production set 0', { name: 'canary', model: 'churn', stage: 'production', action: { set: 0 } }],
    ['/canary churn production set 100%', { name: 'canary', model: 'churn', stage: 'production', action: { set: 100 } }],
    ['/canary churn production set 12.5', { name: 'canary', model: 'churn', stage: 'production', action: { set: 12.5 } }],
    ['/drift churn', { name: 'drift', model: 'churn', window: null }],
    ['/drift churn --window 7d', { name: 'drift', model: 'churn', window: '7d' }],
    ['/diff churn', { name: 'diff', model: 'churn', versions: null }],
    ['/diff churn v11 12', { name: 'diff', model: 'churn', versions: [11, 12] }],
    ['/why', { name: 'why' }],
    ['/weighin why', { name: 'why' }],
    ['/weighin', { name: 'help', command: null }],
    ['/weighin help', { name: 'help', command: null }],
    ['/weighin help /promote', { name: 'help', command: 'promote' }],
    ['/weighin status', { name: 'status', model: null }],
    ['/weighin status churn', { name: 'status', model: 'churn' }],
    ['/weighin run', { name: 'run' }],
    ['/weighin hold churn production --reason "incident 4711"', hold],
    ['/weighin hold churn --reason "incident 4711"', { ...hold, stage: null }],
    ['/weighin hold churn production --reason "incident 4711" --until 2026-12-24', { ...hold, until: '2026-12-24T00:00:00Z' }],
    ['/weighin hold churn production --until 2026-12-24T18:00+01:00 --reason "incident 4711"', { ...hold, until: '2026-12-24T17:00:00Z' }],
    ['/weighin unhold churn', { name: 'unhold', model: 'churn', stage: null }],
    ['/weighin unhold churn production', { name: 'unhold', model: 'churn', stage: 'production' }],
    [
      '/weighin override recall.maxRegression[region=south] --reason "issue 88"',
      { name: 'override', gate: 'recall.maxRegression[region=south]', reason: 'issue 88' },
    ],
    ['/weighin override "recall.min[city=New York]" --reason x', { name: 'override', gate: 'recall.min[city=New York]', reason: 'x' }],
    ['/weighin retry latency_p99.maxRelative', { name: 'retry', gate: 'latency_p99.maxRelative' }],
    ['/weighin cancel', { name: 'cancel' }],
  ])('%s', (body, command) => {
    expect(parse(body)).toEqual({ lines: [{ line: 1, text: body.trimEnd(), command }], mistakes: [] });
  });
});

describe('answers what is wrong, with a code and the next thing to do', () => {
  it.each([
    ['/promote', 'WORD_MISSING'],
    ['/promote churn@v12', 'WORD_MISSING'],
    ['/promote churn@v12 to', 'WORD_MISSING'],
    ['/promote churn production', 'VERSION_INVALID'],
    ['/promote churn@v0 production', 'VERSION_INVALID'],
    ['/promote churn@v01 production', 'VERSION_INVALID'],
    ['/promote churn@latest production', 'VERSION_INVALID'],
    ['/promote churn@12345678901 production', 'VERSION_INVALID'],
    ['/promote ../../x@v1 production', 'NAME_INVALID'],
    ['/promote @v1 production', 'NAME_INVALID'],
    ['/promote Churn@v1 production', 'NAME_INVALID'],
    ['/promote __proto__@v1 production', 'NAME_INVALID'],
    [`/promote ${'a'.repeat(64)}@v1 production`, 'NAME_INVALID'],
    ['/promote churn@v12 ../production', 'NAME_INVALID'],
    ['/promote churn@v12 prodüction', 'NAME_INVALID'],
    ['/promote churn@v12 production now', 'WORD_UNEXPECTED'],
    ['/promote churn@v12 production --reason spring data', 'REASON_NOT_QUOTED'],
    ['/promote churn@v12 production --reason', 'OPTION_WITHOUT_VALUE'],
    ['/promote churn@v12 production --reason --dry-run', 'OPTION_WITHOUT_VALUE'],
    ['/promote churn@v12 production --reason ""', 'OPTION_WITHOUT_VALUE'],
    ['/promote churn@v12 production --reason "open', 'QUOTE_NOT_CLOSED'],
    ['/promote churn@v12 production --reason "a" --reason "b"', 'OPTION_REPEATED'],
    [`/promote churn@v12 production --reason "${'a'.repeat(501)}"`, 'REASON_TOO_LONG'],
    ['/promote churn@v12 production --dryrun', 'OPTION_UNKNOWN'],
    ['/promote churn@v12 production --until 2026-12-24', 'OPTION_UNKNOWN'],
    ['/promote churn@v12 production --dry-run=yes', 'WORD_UNEXPECTED'],
    ['/promote churn@v12 pro\u200Bduction', 'HIDDEN_CHARACTERS'],
    ['/pro\u200Bmote churn@v12 production', 'HIDDEN_CHARACTERS'],
    ['/promote churn@v12 \u202Eproduction', 'HIDDEN_CHARACTERS'],
    ['/promote churn@v12 production --reason "\u2066x\u2069"', 'HIDDEN_CHARACTERS'],
    ['/promote churn@v12 production --reason "\u{E0041}"', 'HIDDEN_CHARACTERS'],
    ['/promote churn@v12 production --reason "\u0000"', 'HIDDEN_CHARACTERS'],
    ['/promote churn@v12 production --reason "\u3164"', 'HIDDEN_CHARACTERS'],
    [`/promote churn@v12 production ${'a '.repeat(600)}`, 'LINE_TOO_LONG'],
    ['/rollback churn', 'WORD_MISSING'],
    ['/rollback churn@v12 production', 'NAME_INVALID'],
    ['/rollback churn production v11', 'WORD_UNEXPECTED'],
    ['/rollback churn production to', 'WORD_MISSING'],
    ['/rollback churn production to v-1', 'VERSION_INVALID'],
    ['/canary churn production', 'WORD_MISSING'],
    ['/canary churn production stop', 'ACTION_UNKNOWN'],
    ['/canary churn production set', 'WORD_MISSING'],
    ['/canary churn production set 103', 'WEIGHT_OUT_OF_RANGE'],
    ['/canary churn production set 100.01', 'WEIGHT_OUT_OF_RANGE'],
    ['/canary churn production set -1', 'WEIGHT_OUT_OF_RANGE'],
    ['/canary churn production set 1e1', 'WEIGHT_OUT_OF_RANGE'],
    ['/canary churn production set 0x10', 'WEIGHT_OUT_OF_RANGE'],
    ['/canary churn production set NaN', 'WEIGHT_OUT_OF_RANGE'],
    ['/canary churn production pause now', 'WORD_UNEXPECTED'],
    ['/drift churn --window week', 'WINDOW_INVALID'],
    ['/diff churn v11', 'WORD_MISSING'],
    ['/diff churn v11 v12 v13', 'WORD_UNEXPECTED'],
    ['/why not', 'WORD_UNEXPECTED'],
    ['/weighin hold churn production', 'REASON_MISSING'],
    ['/weighin hold churn --reason "x" --until tomorrow', 'UNTIL_INVALID'],
    ['/weighin hold churn --reason "x" --until 2026-02-31', 'UNTIL_INVALID'],
    ['/weighin hold churn --reason "x" --until 2026-12-24T18:00', 'UNTIL_INVALID'],
    ['/weighin override roc_auc.min', 'REASON_MISSING'],
    ['/weighin retry', 'WORD_MISSING'],
    ['/weighin promot churn@v12 production', 'UNKNOWN_COMMAND'],
    ['/weighin approve', 'UNKNOWN_COMMAND'],
    ['/weighin help promot', 'UNKNOWN_COMMAND'],
    ['/weighin constructor', 'UNKNOWN_COMMAND'],
  ])('%s', (body, code) => {
    const { lines, mistakes } = parse(body);
    expect(lines).toEqual([]);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatchObject({ code, line: 1 });
    expect(mistakes[0]?.message).toMatch(/\.$|\?$/);
    expect(mistakes[0]?.next.length).toBeGreaterThan(4);
    expect(sharedCodes.concat(commandTable.flatMap((spec) => spec.codes)).map((entry) => entry.code)).toContain(code);
  });

  it('names the nearest command, option and action', () => {
    expect(parse('/weighin promot x').mistakes[0]?.message).toContain('Did you mean `promote`?');
    expect(parse('/promote churn@v1 production --dryrun').mistakes[0]?.message).toContain('Did you mean `--dry-run`?');
    expect(parse('/canary churn production puase').mistakes[0]?.message).toContain('Did you mean `pause`?');
  });

  it('keeps what a commenter wrote inside its quotation', () => {
    expect(parse('/weighin `@everyone`').mistakes[0]?.message).toBe("There is no command `'@everyone'`.");
  });
});

describe('leaves alone what is not for it', () => {
  it.each([
    'promote churn@v12 production',
    'Please /promote churn@v12 production',
    ' /promote churn@v12 production',
    '//promote churn@v12 production',
    '/ promote churn@v12 production',
    '/promoted churn@v12 production',
    '/promote/churn',
    '/approve',
    '/retry flaky',
    '/cancel',
    '/hold',
    '/override x',
    '/status',
    '/run',
    '/help',
    '/home/anna/promote',
    '/weighin, please',
    '\u200B/promote churn@v12 production',
    '／promote churn@v12 production',
    '',
  ])('%j', (body) => {
    expect(parse(body)).toEqual({ lines: [], mistakes: [] });
  });

  it('leaves the verbs alone where the policy turned them off, and /weighin on', () => {
    expect(parse('/promote churn@v12 production\n/weighin why', 'prefixed').lines.map(({ line }) => line)).toEqual([2]);
    expect(parse('/promote', 'prefixed').mistakes).toEqual([]);
  });
});

it('counts lines of any line end, and takes three commands at most', () => {
  expect(parse('Fine.\r\n\r\n/why\r\n/diff churn\r/weighin status\n').lines.map(({ line, text }) => [line, text])).toEqual([
    [3, '/why'],
    [4, '/diff churn'],
    [5, '/weighin status'],
  ]);
  const { lines, mistakes } = parse('/why\n/weighin nonsense\n/why\n/why\n/rollback churn production\n/nothing');
  expect(lines.map(({ line }) => line)).toEqual([1, 3]);
  expect(mistakes.map(({ line, code }) => [line, code])).toEqual([
    [2, 'UNKNOWN_COMMAND'],
    [4, 'TOO_MANY_COMMANDS'],
  ]);
});

it('reads no further than a comment can be long, and no cut line', () => {
  const body = `${'x'.repeat(65_530)}\n/promote churn@v1 production`;
  expect(parse(body)).toEqual({ lines: [], mistakes: [] });
  expect(parse(`/why\n${'x'.repeat(70_000)}`).lines).toHaveLength(1);
});

describe('properties', () => {
  const word = fc.constantFrom(
    ...[
      '/promote',
      '/weighin',
      '/rollback',
      '/why',
      'churn@v12',
      'production',
      'to',
      '--reason',
      '"',
      '“',
      '`',
      '```',
      '~~~',
      '> ',
      '<!--',
    ],
    ...[
      '-->',
      '<details>',
      '</details>',
      '- ',
      '1. ',
      '    ',
      '\t',
      '\n',
      '\r\n',
      ' ',
      '--dry-run',
      '\u202E',
      '\uD800',
      '<pre>',
      '![',
      '](',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fc.oneof(word, fc.string({ maxLength: 5 })), { maxLength: 60 }).map((parts) => parts.join('')),
  );

  it('never throws, and answers at most three commands and one line more', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('standalone', 'prefixed'), (body, verbs) => {
        const { lines, mistakes } = parseComment(body, { verbs: verbs as 'standalone' });
        expect(lines.length).toBeLessThanOrEqual(3);
        expect(lines.length + mistakes.length).toBeLessThanOrEqual(4);
        const written = body.split(/\r\n|\n|\r/);
        for (const { line, text } of [...lines, ...mistakes]) expect(written[line - 1]?.trimEnd()).toBe(text);
      }),
    );
  });

  const plain = fc.stringMatching(/^[a-z ,.]{0,40}$/);
  const commandsOfTable = fc.constantFrom(...commandTable.flatMap(({ examples }) => examples));
  it('finds every example of the table in prose, and what it reads names the same command', () => {
    fc.assert(
      fc.property(commandsOfTable, fc.array(plain, { maxLength: 4 }), (example, prose) => {
        const [first] = commands([...prose, example, ...prose].join('\n'));
        expect(example).toMatch(new RegExp(`^/(?:weighin )?${first?.name}\\b`));
      }),
    );
  });

  it.each([
    ['a fence', (inner: string) => `\`\`\`\n${inner}\n\`\`\``],
    ['a fence with a word', (inner: string) => `\`\`\`\`sh\n\`\`\`\n${inner}\n\`\`\`\``],
    ['a fence of tildes', (inner: string) => `~~~ \`\`\`\n${inner}\n~~~`],
    ['a fence never closed', (inner: string) => `\`\`\`\n${inner}`],
    ['a quote', (inner: string) => inner.replace(/^/gm, '> ')],
    [
      'a quote that Markdown goes on with',
      (inner: string) =>
        `> said:\n${inner
          .split('\n')
          .filter((line) => line.trim() !== '')
          .join('\n')}`,
    ],
    ['indented code', (inner: string) => inner.replace(/^/gm, '    ')],
    ['an HTML comment', (inner: string) => `<!--\n${inner}\n-->`],
    ['an HTML comment in a paragraph', (inner: string) => `text <!-- ${inner.replace(/\n\s*\n/g, '\n')}\n-->`],
    ['an element of code', (inner: string) => `<pre>\n${inner}\n</pre>`],
    ['a quotation by HTML', (inner: string) => `<blockquote>\n\n${inner}\n\n</blockquote>`],
    [
      'a span of code',
      (inner: string) =>
        `\`a\n${inner
          .split('\n')
          .filter((line) => line.trim() !== '')
          .join('\n')}\nb\``,
    ],
  ])('finds none in %s, and the one after it', (_, wrap) => {
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, commandsOfTable), { minLength: 1, maxLength: 6 }), (inner) => {
        expect(commands(wrap(inner.join('\n')))).toEqual([]);
      }),
    );
    if (!/never closed/.test(_))
      expect(commands(`${wrap('/why')}\n\n/diff churn`)).toEqual([{ name: 'diff', model: 'churn', versions: null }]);
  });
});

it('answers hostile text in linear time', () => {
  const hostile = [
    '`',
    '``` ',
    '> ',
    '- ',
    '- - ',
    '>>>',
    '<!--',
    '<a ',
    '<a x="',
    '[',
    '![',
    '](',
    '\t',
    ' ',
    '\n',
    '- \n',
    '1. ',
    '* * ',
    '# ',
    '<',
    '\\',
    '"',
    '“',
    '/',
    '/\n',
    '/promote ',
    '/weighin --',
    '/promote "',
    '=',
    '<details>\n',
    '\u202E',
    '</pre>',
    '<x y=z ',
    '~~~\n',
    '`\n``\n',
    "<a '",
  ];
  for (const piece of hostile) {
    for (const body of [
      piece.repeat(65_536 / piece.length),
      `/promote ${piece.repeat(65_000 / piece.length)}`,
      `${'- '.repeat(20_000)}\n${`${piece.trim()}\n`.repeat(8_000)}`,
    ])
      parse(body);
  }
  // Nothing more to assert: a quadratic reader would not end before the test's own limit.
  expect(parse('/why').lines).toHaveLength(1);
});

it('says the codes of a mistake only once in the table', () => {
  const shared = sharedCodes.map(({ code }) => code);
  expect(new Set(shared).size).toBe(shared.length);
  expect(codes('/why\n/why\n/why\n/why')).toEqual(['TOO_MANY_COMMANDS']);
});
