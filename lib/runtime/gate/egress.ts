import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { EGRESS_CONNECT_TIMEOUT_MS } from '../limits'
import { isOwnAddress, isPublicAddress } from './addresses'
import { type AllowList, isAddressListed, isHostListed } from './allow-list'
import { askProxy, isBehindProxy, type UpstreamProxy } from './upstream-proxy'

export type Endpoint = { host: string; port: number }

/** What one sandbox may connect to. */
export type EgressRules = {
  /** Any public address. */
  isPublicAllowed: boolean
  /** Why other addresses are closed, for a log; without it: the algorithm has no internet access. */
  closedBecause?: string
  /** These too, wherever they are: `host:port`, in lower case. */
  listed: ReadonlySet<string>
  /** What an administrator opened besides. */
  allowList?: AllowList
  /** Connect by way of this proxy, which resolves names itself: for listed endpoints only. */
  proxy?: UpstreamProxy
}

export const NO_EGRESS: EgressRules = { isPublicAllowed: false, listed: new Set() }

/** A connection that the rules forbid; the message is for the algorithm's author. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused'
}

/** `host:port` or `[v6]:port`; undefined when it is neither. */
export function parseEndpoint(text: string, defaultPort?: number): Endpoint | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+))(?::(\d{1,5}))?$/.exec(text)
  const host = (match?.[1] ?? match?.[2])?.toLowerCase()
  const port = match?.[3] ? Number(match[3]) : defaultPort
  return host && port && port <= 65_535 ? { host, port } : undefined
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Connects, if the rules allow it. The address that was checked is the one connected to: a name that changes its
 * mind in between gains nothing.
 * @param signal ends the attempt, or the connection
 * @throws EgressRefused, or the system's error when the endpoint does not answer
 */
export async function connectEgress(endpoint: Endpoint, rules: EgressRules, signal?: AbortSignal): Promise<Socket> {
  const isProxied = rules.proxy && isBehindProxy(rules.proxy, endpoint.host)
  if (!rules.proxy || !isProxied || !rules.listed.has(formatEndpoint(endpoint))) {
    return connectTo({ host: await chooseAddress(endpoint, rules), port: endpoint.port }, endpoint, signal)
  }
  const socket = await connectTo(rules.proxy.endpoint, rules.proxy.endpoint, signal)
  try {
    await askProxy(socket, rules.proxy, endpoint)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function connectTo({ host, port }: Endpoint, named: Endpoint, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const socket = connect({ host, port, noDelay: true, timeout: EGRESS_CONNECT_TIMEOUT_MS, signal })
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('timeout', () => socket.destroy(new Error(`${formatEndpoint(named)} does not answer`)))
    socket.once('error', reject)
  })
}

async function chooseAddress(endpoint: Endpoint, rules: EgressRules): Promise<string> {
  const name = formatEndpoint(endpoint)
  const { allowList } = rules
  const isListed = rules.listed.has(name) || (allowList && isHostListed(allowList, endpoint))
  if (!isListed && !rules.isPublicAllowed) {
    const why = rules.closedBecause ?? 'this algorithm has no internet access'
    throw new EgressRefused(`connection to ${name} refused: ${why}`)
  }
  const addresses = isIP(endpoint.host) ? [endpoint.host] : await resolveName(endpoint.host)
  const isAllowed = (address: string) =>
    (isPublicAddress(address) && !isOwnAddress(address)) ||
    (allowList && isAddressListed(allowList, address, endpoint.port))
  const allowed = isListed ? addresses[0] : addresses.find(isAllowed)
  if (!allowed) {
    const what = addresses.some(isPublicAddress) ? 'an address of this server itself' : 'a private or local address'
    throw new EgressRefused(`connection to ${name} refused: it is ${what} (${addresses[0]})`)
  }
  return allowed
}

async function resolveName(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true, verbatim: false })
  return found.map(({ address }) => address)
}
