/**
 * Keep-alive connections that each send the next request when the answer is there; raw sockets, so that the client costs little beside the
 * servers it is measured with. `rate` spreads requests evenly instead: latency then counts from when each was due.
 */
import { connect } from 'node:net';

/** @returns requests a second, quantiles of latency in milliseconds, and answers that were not 200. */
export function load({ port, path, body, connections, seconds, rate = null }) {
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const latencies = [];
  let errors = 0;
  let done = 0;
  const begun = performance.now();
  const ends = begun + seconds * 1000;
  // A second of warming up is not counted, of short runs a fifth.
  const counted = begun + Math.min(1000, seconds * 200);
  const gap = rate === null ? 0 : (connections / rate) * 1000;
  const one = (index) =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let due = begun + (gap * index) / connections;
      let text = '';
      const send = () => {
        const now = performance.now();
        if (now >= ends) return socket.end(resolve);
        if (gap === 0) due = now;
        if (due > now) return setTimeout(send, due - now);
        socket.write(request);
      };
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        const head = text.indexOf('\r\n\r\n');
        if (head === -1) return;
        const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
        if (text.length < head + 4 + length) return;
        const now = performance.now();
        if (now >= counted) {
          done++;
          latencies.push(now - due);
          if (!text.startsWith('HTTP/1.1 200')) errors++;
        }
        text = '';
        due += gap;
        send();
      });
    });
  return Promise.all(Array.from({ length: connections }, (_, index) => one(index))).then(() => {
    latencies.sort((a, b) => a - b);
    const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN;
    return { perSecond: done / ((ends - counted) / 1000), p50: at(0.5), p99: at(0.99), p999: at(0.999), errors };
  });
}
