import ipaddr from 'ipaddr.js';
import { UserError } from '../../shared/errors.ts';

/** Where the bot may send to: host names, and addresses that are not public and still allowed. */
export interface OutboundHosts {
  allowsHost(host: string): boolean;
  allowsAddress(address: string): boolean;
}

/**
 * Reads `WEIGHIN_OUTBOUND_HOSTS`: host names (`hooks.slack.com`), those below a name (`*.example.com`), and addresses or networks
 * (`10.1.2.3`, `10.0.0.0/8`), divided by commas or spaces. A private address is allowed where it is listed as an address: that a name is
 * listed does not help, for whoever holds the name says what it resolves to. `null` allows every public host.
 * @throws UserError OUTBOUND_HOSTS_INVALID
 */
export function readOutboundHosts(list: string | null): OutboundHosts {
  const entries = (list ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  const networks = entries.map(network).filter((found) => found !== null);
  const names = entries.filter((entry) => network(entry) === null).map(checkedName);
  const within = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
    networks.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  return {
    allowsHost(host) {
      const literal = addressOf(host);
      if (literal) return list === null ? true : within(literal);
      if (list === null) return true;
      const wanted = host.toLowerCase().replace(/\.$/, '');
      return names.some((name) => (name.startsWith('*.') ? wanted.endsWith(name.slice(1)) : wanted === name));
    },
    allowsAddress(address) {
      const parsed = addressOf(address);
      return parsed !== null && (parsed.range() === 'unicast' || within(parsed));
    },
  };
}

/** An IPv4 address inside an IPv6 one is that IPv4 address; null where it is a name. */
function addressOf(host: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

function network(entry: string): readonly [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  const [base = '', bits] = entry.split('/');
  const address = addressOf(base);
  if (!address) return null;
  const widest = address.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [address, widest];
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > widest) throw invalid(entry);
  return [address, Number(bits)];
}

function checkedName(entry: string): string {
  if (!/^(?:\*\.)?(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}$/i.test(entry)) throw invalid(entry);
  return entry.toLowerCase();
}

const invalid = (entry: string) =>
  new UserError(
    'OUTBOUND_HOSTS_INVALID',
    `WEIGHIN_OUTBOUND_HOSTS has ${JSON.stringify(entry)}, which is neither a host nor an address.`,
    'Write hosts and networks, divided by commas: hooks.slack.com,*.example.com,10.1.0.0/16. No scheme, no port, no path.',
  );
