import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** What a page did while it was open, and a way to ask it. */
export interface Page {
  /** Value of an expression, as JSON carries it; of a promise, what it comes to. */
  evaluate<T>(expression: string): Promise<T>;
  /** One key as a person presses it: `Tab`, `Enter`. */
  press(key: 'Tab' | 'Enter'): Promise<void>;
  /** What a screen reader is told of the page: role and name of each thing that it stops at, in order. */
  heard(): Promise<readonly { readonly role: string; readonly name: string }[]>;
  /** PNG of the whole page. */
  picture(): Promise<Buffer>;
  /** Errors and warnings of console, network and content policy. */
  readonly complaints: readonly string[];
  /** Addresses asked for besides the page itself. */
  readonly requests: readonly string[];
}

export interface View {
  readonly width: number;
  readonly theme: 'light' | 'dark';
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly script?: boolean;
  readonly motion?: 'reduce' | 'no-preference';
}

export interface Browser {
  /** A file by its path, or a page by its address. */
  open(file: string, view: View): Promise<Page>;
  close(): Promise<void>;
}

type Message = {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
};
type Params = Readonly<Record<string, unknown>>;

/** A real Chromium without a window, driven over its debugging pipe: no port, no package. `WEIGHIN_CHROMIUM` names another binary. */
export async function openChromium(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'weighin-chromium-'));
  const child = spawn(
    process.env['WEIGHIN_CHROMIUM'] ?? 'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--hide-scrollbars',
      `--user-data-dir=${profile}`,
      '--remote-debugging-pipe',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const toBrowser = child.stdio[3] as Writable;
  const fromBrowser = child.stdio[4] as Readable;
  const waiting = new Map<number, { resolve: (result: Params) => void; reject: (error: Error) => void }>();
  const listeners = new Map<string, (method: string, params: Params) => void>();
  let rest = '';
  let lastId = 0;
  child.on('error', (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  fromBrowser.setEncoding('utf8');
  fromBrowser.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) {
        if (message.sessionId && message.method) listeners.get(message.sessionId)?.(message.method, message.params ?? {});
        continue;
      }
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) call?.reject(new Error(message.error.message));
      else call?.resolve(message.result ?? {});
    }
  });
  const send = (method: string, params: Params = {}, sessionId?: string) =>
    new Promise<Params>((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      toBrowser.write(`${JSON.stringify({ id: lastId, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });

  return {
    async open(file, { width, theme, headers, script = true, motion = 'no-preference' }) {
      const address = /^https?:/.test(file) ? file : `file://${file}`;
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const ask = (method: string, params: Params = {}) => send(method, params, String(sessionId));
      const [complaints, requests]: [string[], string[]] = [[], []];
      const loaded = new Promise<void>((resolve) => {
        listeners.set(String(sessionId), (method, params) => {
          if (method === 'Page.loadEventFired') resolve();
          if (method === 'Log.entryAdded' || method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown')
            complaints.push(JSON.stringify(params));
          if (method === 'Network.requestWillBeSent') {
            const { url } = params['request'] as { url: string };
            if (!url.startsWith('file:')) requests.push(url);
          }
        });
      });
      for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await ask(`${domain}.enable`);
      await ask('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: width < 700 });
      await ask('Emulation.setEmulatedMedia', {
        features: [
          { name: 'prefers-color-scheme', value: theme },
          { name: 'prefers-reduced-motion', value: motion },
        ],
      });
      if (headers) await ask('Network.setExtraHTTPHeaders', { headers });
      if (!script) await ask('Emulation.setScriptExecutionDisabled', { value: true });
      await ask('Page.navigate', { url: address });
      await loaded;
      return {
        complaints,
        requests,
        async evaluate<T>(expression: string) {
          const { result, exceptionDetails } = await ask('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
          if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
          return (result as { value: T }).value;
        },
        async press(key) {
          const code = key === 'Tab' ? 9 : 13;
          const event = { key, code: key, windowsVirtualKeyCode: code, ...(key === 'Enter' && { text: '\r' }) };
          await ask('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
          await ask('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
        },
        async heard() {
          const { nodes } = await ask('Accessibility.getFullAXTree');
          type Node = { readonly ignored: boolean; readonly role?: { readonly value: string }; readonly name?: { readonly value: string } };
          return (nodes as readonly Node[])
            .filter(({ ignored }) => !ignored)
            .map(({ role, name }) => ({ role: role?.value ?? '', name: (name?.value ?? '').replace(/\s+/g, ' ').trim() }));
        },
        async picture() {
          const { data } = await ask('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
          return Buffer.from(String(data), 'base64');
        },
      };
    },
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await send('Browser.close').catch(() => child.kill());
      await gone;
      await rm(profile, { recursive: true, force: true });
    },
  };
}
