/**
 * Keep-alive connections that each send the next request when the answer is there; raw sockets, so that the client costs little beside the
 * servers it is measured with. `rate` spreads requests evenly instead, whatever the answers do: latency then counts from when each was due, so
 * that a stall is felt by all that were to come meanwhile. The server is warmed up as fast as it goes before that: measured from the first
 * request on, one that has just started can't keep up while V8 compiles it, and what had gathered by then was answered late for seconds.
 */
import { connect } from 'node:net';

/**
 * @returns requests a second, quantiles of latency in milliseconds, answers that were not 200, and how late this client itself was in sending
 * (99th percentile, milliseconds): that is part of the latency too, and no fault of the server.
 */
export async function load({ port, path, body, connections, seconds, rate = null, warmSeconds = 1 }) {
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const latencies = [];
  const lateness = [];
  let errors = 0;
  const begun = performance.now();
  const counted = begun + warmSeconds * 1000;
  const ends = counted + seconds * 1000;
  const gap = rate === null ? 0 : (connections / rate) * 1000;
  const one = (index) =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let due = counted + (gap * index) / connections;
      let counts = false;
      let waits = false;
      let text = '';
      const send = () => {
        const now = performance.now();
        if (now >= ends) return socket.end(resolve);
        counts = now >= counted;
        if (gap === 0 || !counts) {
          socket.write(request);
          if (gap === 0) due = now;
          return;
        }
        if (due > now) {
          waits = true;
          return setTimeout(send, due - now);
        }
        if (waits) lateness.push(now - due);
        waits = false;
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
        if (counts) {
          latencies.push(performance.now() - due);
          if (!text.startsWith('HTTP/1.1 200')) errors++;
          due += gap;
        }
        text = '';
        send();
      });
    });
  await Promise.all(Array.from({ length: connections }, (_, index) => one(index)));
  const [p50, p99, p999] = quantiles(latencies, [0.5, 0.99, 0.999]);
  return { perSecond: latencies.length / seconds, p50, p99, p999, errors, lateP99: quantiles(lateness, [0.99])[0] };
}

function quantiles(values, shares) {
  values.sort((a, b) => a - b);
  return shares.map((share) => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN);
}
