import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Networks that are not the public internet. Sources: the IANA special-purpose registries for IPv4 and IPv6. */
const NOT_PUBLIC_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's own service address for virtual machines: public by number, internal by nature.
  ['168.63.129.16', 32],
] as const

const NOT_PUBLIC_IPV6 = [
  // Unspecified, loopback, and IPv4 addresses in an old notation.
  ['::', 96],
  ['::ffff:0:0', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
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

/** Whether an address is one of this machine's own: what listens here is as near by its public address as by loopback. */
export function isOwnAddress(address: string): boolean {
  const own = new BlockList()
  for (const known of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
    own.addAddress(known.address, known.family === 'IPv6' ? 'ipv6' : 'ipv4')
  }
  const plain = MAPPED_IPV4.exec(address)?.[1] ?? address
  return own.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}
