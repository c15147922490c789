import { UserError } from '../../errors.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';

/** Where a source is asked: credentials apart, so that neither an error nor the state has them. */
export interface SourceAddress {
  /** Without user and password. */
  readonly url: string;
  /** For people and for the state: also without what a query says. */
  readonly shown: string;
  /** Of a user and password in the address. */
  readonly authorization: string | null;
}

/** @throws UserError SOURCE_URL_INVALID */
export function readSourceAddress(text: string): SourceAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new UserError('SOURCE_URL_INVALID', `${quoted(text)} is no address of metrics.`, 'Write http://host:9102/metrics or https://….');
  const { username, password } = url;
  const plain = (part: string) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  };
  const authorization =
    username === '' && password === '' ? null : `Basic ${Buffer.from(`${plain(username)}:${plain(password)}`).toString('base64')}`;
  url.username = '';
  url.password = '';
  url.hash = '';
  return { url: url.href, shown: visibleText(`${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`), authorization };
}

/** What is no address may still hold a password. */
const quoted = (text: string) => `\`${clipText(visibleText(text.replace(/\/\/[^/@]*@/, '//')), 80)}\``;
