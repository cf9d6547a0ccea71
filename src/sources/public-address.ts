import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Networks that no public host is in: IANA's special-purpose registries
 * (https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry), multicast, and what
 * carries an IPv4 address inside an IPv6 one.
 */
const special = {
  ipv4: [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
  ],
  ipv6: [
    '::/96',
    '::ffff:0:0/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
    '3fff::/20',
    '5f00::/16',
    'fc00::/7',
    'fe80::/10',
    'ff00::/8',
  ],
} as const;

// A list each: in one of both, `::ffff:0:0/96` would hold every IPv4 address.
const refused = { ipv4: listOf('ipv4'), ipv6: listOf('ipv6') };

/** Whether an IP address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  return !refused[kind].check(address, kind);
}

/**
 * A lookup for sockets that connects to public addresses only. It decides on the very addresses the socket then uses, so
 * a name that answers differently the second time gains nothing.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    const addresses = error
      ? []
      : (found as unknown as LookupAddress[]).filter((one) => isPublicAddress(one.address));
    const first = addresses[0];
    if (!first) {
      const problem =
        error ?? Object.assign(new Error(`${hostname} has no public address.`), { code: 'EACCES' });
      callback(problem, '', 0);
    } else if (options.all) callback(null, addresses as never);
    else callback(null, first.address, first.family);
  });
};

function listOf(family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of special[family]) {
    const [address, bits] = network.split('/') as [string, string];
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
