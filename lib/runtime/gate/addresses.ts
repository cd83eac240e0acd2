import { BlockList, isIP } from 'node:net'

/** Networks that are not the public internet. Sources: the IANA special-purpose registries for IPv4 and IPv6. */
const NOT_PUBLIC_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's own service address for virtual machines: public by number, internal by nature.
  ['168.63.129.16', 32],
] as const

const NOT_PUBLIC_IPV6 = [
  ['::', 128],
  ['::1', 128],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const

const ipv4 = new BlockList()
for (const [network, prefix] of NOT_PUBLIC_IPV4) ipv4.addSubnet(network, prefix, 'ipv4')
const ipv6 = new BlockList()
for (const [network, prefix] of NOT_PUBLIC_IPV6) ipv6.addSubnet(network, prefix, 'ipv6')

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** Whether an address is on the public internet: not private, loopback, link-local, multicast or a tunnel to those. */
export function isPublicAddress(address: string): boolean {
  const mapped = MAPPED_IPV4.exec(address)
  if (mapped?.[1]) return isPublicAddress(mapped[1])
  const family = isIP(address)
  if (family === 4) return !ipv4.check(address, 'ipv4')
  if (family === 6) return !ipv6.check(address, 'ipv6')
  return false
}
