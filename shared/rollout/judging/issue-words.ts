import { visibleText } from '../../words/visible-text.ts';

/** What zod tells of one thing that is wrong. */
export interface JsonIssue {
  readonly message: string;
  readonly code?: string | undefined;
  readonly expected?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: unknown;
  readonly origin?: unknown;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
}

const kinds: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
  boolean: 'true or false',
};

/** `must be a whole number`: words for people who wrote a JSON file, of what a schema found at a place. */
export function issueWords(issue: JsonIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? `is missing: ${kinds[String(issue.expected)] ?? String(issue.expected)}`
        : `must be ${kinds[String(issue.expected)] ?? String(issue.expected)}`;
    case 'invalid_value':
      return `must be ${(issue.values ?? []).map(String).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? 'must not be empty'
        : `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'unrecognized_keys':
      return `has no key ${visibleText((issue.keys ?? []).join(', '))}`;
    default:
      return visibleText(issue.message);
  }
}
