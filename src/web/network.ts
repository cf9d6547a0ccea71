import { BlockList, isIP } from 'node:net';
import type { Context } from 'hono';
import { peerOf } from './respond.ts';

/**
 * The network a request comes from: an IPv4 address, or the /64 that one IPv6 line has. Behind a proxy that is on a
 * private network, and so one of ours, its word on whom it speaks for is taken: the last entry of X-Forwarded-For.
 */
export function networkOf(c: Context): string {
  const peer = withoutMapping(peerOf(c));
  if (peer !== undefined && !isPrivate(peer)) return prefixOf(peer);
  const forwarded = withoutMapping(c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim());
  return prefixOf(forwarded !== undefined && isIP(forwarded) > 0 ? forwarded : (peer ?? 'unknown'));
}

const privateNetworks = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(network, bits, 'ipv4');
}
privateNetworks.addAddress('::1', 'ipv6');
privateNetworks.addSubnet('fc00::', 7, 'ipv6');
privateNetworks.addSubnet('fe80::', 10, 'ipv6');

function isPrivate(address: string): boolean {
  const family = isIP(address);
  return family > 0 && privateNetworks.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** `::ffff:192.0.2.1` is an IPv4 address on a socket that speaks both. */
function withoutMapping(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '');
}

function prefixOf(address: string): string {
  if (isIP(address) !== 6) return address;
  // URL writes an IPv6 address in its shortest form; the groups left out are put back.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname
    .slice(1, -1)
    .split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
