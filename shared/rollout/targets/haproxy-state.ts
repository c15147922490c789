/** A server of a backend, as HAProxy's runtime API tells it. */
export interface HaproxyServer {
  readonly name: string;
  /** 0 … 256, as it was set. */
  readonly weight: number;
  /** Somebody put it into maintenance or let it drain; `set server … state ready` ends both. */
  readonly heldBack: boolean;
  /** It passes its health checks, or has none. */
  readonly up: boolean;
  /** Gets requests only when no other server is left: not one of the versions. */
  readonly backup: boolean;
}
export interface HaproxyBackend {
  readonly servers: readonly HaproxyServer[];
  /** `roundrobin`; `unknown` for those that HAProxy does not name, `random` among them; null: not told. */
  readonly balance: string | null;
}

/**
 * From `show servers state BACKEND` and `show stat BACKEND 6 -1` (HAProxy 2.0 and later; columns are found by their names).
 * @returns a sentence about what came instead, for people.
 */
export function readHaproxyBackend(state: string, stat: string): HaproxyBackend | string {
  const [version, ...lines] = state.split('\n');
  if (version?.trim() !== '1') return firstLine(state);
  const rows = tableOf(lines, ' ');
  const stats = tableOf(stat.split('\n'), ',');
  const backups = new Set(stats.filter((row) => row['type'] === '2' && row['bck'] === '1').map((row) => row['svname']));
  const servers: HaproxyServer[] = [];
  for (const row of rows) {
    const [name, weight, admin, operational] = [
      row['srv_name'],
      ...['srv_uweight', 'srv_admin_state', 'srv_op_state'].map((key) => count(row[key])),
    ];
    if (!name || weight === null || weight === undefined || admin === null || admin === undefined || operational === null)
      return 'It does not tell the weights of its servers.';
    // Bits of srv_admin_state: 1, 2 and 4 are ways into maintenance, 8 and 16 drain; srv_op_state 0 is stopped, 3 stopping.
    const maintenance = (admin & 0b111) !== 0;
    servers.push({
      name,
      weight,
      heldBack: maintenance || (admin & 0b11000) !== 0,
      // While it is in maintenance, a server counts as stopped.
      up: maintenance || operational === 1 || operational === 2,
      backup: backups.has(name),
    });
  }
  if (servers.length === 0) return 'It has no servers.';
  return { servers, balance: stats.find((row) => row['type'] === '1')?.['algo'] || null };
}

/** Rows below a header that begins with `# `. */
function tableOf(lines: readonly string[], separator: string): Readonly<Record<string, string>>[] {
  const at = lines.findIndex((line) => line.startsWith('# '));
  if (at < 0) return [];
  const names = lines[at]!.slice(2).trim().split(separator);
  return lines
    .slice(at + 1)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const cells = line.split(separator);
      return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
    });
}

const count = (text: string | undefined) => (text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null);
export const firstLine = (text: string): string => text.trim().split('\n', 1)[0] || 'It answered nothing.';
