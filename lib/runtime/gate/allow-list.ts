import { BlockList, isIP } from 'node:net'
import type { Endpoint } from './egress'

type HostRule = { host: string; port: number | undefined }
type NetworkRule = { network: BlockList; family: 4 | 6; port: number | undefined }

/** What an administrator opened besides the public internet: names, and networks that addresses may be in. */
export type AllowList = { hosts: HostRule[]; networks: NetworkRule[] }

const HOST_NAME = /^(\*\.)?[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/

/** Reads entries that `explainEntry` finds nothing wrong with; others are passed over. */
export function parseAllowList(entries: string[]): AllowList {
  const list: AllowList = { hosts: [], networks: [] }
  for (const entry of entries) {
    const rule = parseEntry(entry)
    if (rule && 'network' in rule) list.networks.push(rule)
    else if (rule) list.hosts.push(rule)
  }
  return list
}

/** What is wrong with an entry, for who wrote it; undefined when it can be used. */
export function explainEntry(entry: string): string | undefined {
  if (parseEntry(entry)) return undefined
  return `“${entry}” is neither a host (db.example.com, *.example.com), an address (10.1.2.3, [fd00::1]) nor a network (10.0.0.0/8), with or without :PORT.`
}

/** Whether a name was opened itself: then whatever it resolves to is, too. */
export function isHostListed({ hosts }: AllowList, { host, port }: Endpoint): boolean {
  return hosts.some((rule) => isPortListed(rule, port) && matchesHost(rule.host, host))
}

/** Whether an address is in a network that was opened. */
export function isAddressListed({ networks }: AllowList, address: string, port: number): boolean {
  const family = isIP(address)
  return networks.some(
    (rule) =>
      rule.family === family && isPortListed(rule, port) && rule.network.check(address, family === 6 ? 'ipv6' : 'ipv4'),
  )
}

function isPortListed(rule: { port: number | undefined }, port: number): boolean {
  return rule.port === undefined || rule.port === port
}

function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern
}

function parseEntry(entry: string): HostRule | NetworkRule | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(entry.trim().toLowerCase())
  const target = match
    ? (match[1] ?? match[2])
    : isIP(entry.trim().split('/')[0] ?? '') === 6
      ? entry.trim()
      : undefined
  const port = match?.[3] === undefined ? undefined : Number(match[3])
  if (!target || port === 0 || (port ?? 0) > 65_535) return undefined
  const [address = '', bits, ...rest] = target.split('/')
  const family = isIP(address)
  if (family === 4 || family === 6) return rest.length > 0 ? undefined : networkRule(address, family, bits, port)
  return bits === undefined && HOST_NAME.test(target) ? { host: target.replace(/\.$/, ''), port } : undefined
}

function networkRule(
  address: string,
  family: 4 | 6,
  bits: string | undefined,
  port: number | undefined,
): NetworkRule | undefined {
  const width = family === 4 ? 32 : 128
  const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (!(prefix >= 0 && prefix <= width)) return undefined
  const network = new BlockList()
  network.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return { network, family, port }
}
