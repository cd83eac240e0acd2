import { isIP } from 'node:net'
import { parseAllowList } from '../gate/allow-list'
import { type EgressRules, type Endpoint, formatEndpoint, NO_EGRESS, parseEndpoint } from '../gate/egress'
import type { RunnableVersion } from '../port'
import { API_PORT } from './worker-environment'

export type EgressPlan = {
  rules: EgressRules
  /** Brokers that SDKs connect to without a proxy; one socket each. */
  tunnels: Endpoint[]
  /** Where inside each tunnel listens, in the same order. */
  listens: string[]
  /** Lines of /etc/hosts inside. */
  hosts: string[]
}

const CONNECTION_STRING_ENDPOINT = /(?:^|;)\s*Endpoint=sb:\/\/([^;/\s]+)/i
const USES_EMULATOR = /(?:^|;)\s*UseDevelopmentEmulator=true/i
const AMQPS_PORT = 5671
const AMQP_PORT = 5672
/** Ports below need a right that sandboxes do not have. */
const FIRST_FREE_PORT = 1024
const LOOPBACK_NAMES = ['localhost', '127.0.0.1']

/**
 * What a version may connect to. Its secrets declare brokers: each Service Bus connection string among them gets a
 * loopback port inside that leads to its host, so that AMQP clients work unchanged. The rules hold for those too.
 */
export function planEgress(
  version: Pick<RunnableVersion, 'networkAccess'>,
  secrets: Record<string, string>,
  host: { allowedEgress: string[]; egressAllowList: string[] },
): EgressPlan {
  if (version.networkAccess === 'isolated') return { rules: NO_EGRESS, tunnels: [], listens: [], hosts: [] }
  const listed = new Set(host.allowedEgress.map((pair) => pair.toLowerCase()))
  const allowList = parseAllowList(host.egressAllowList)
  const plan: EgressPlan = { rules: { isPublicAllowed: true, listed, allowList }, tunnels: [], listens: [], hosts: [] }
  const seen = new Set<string>()
  for (const endpoint of Object.values(secrets).map(brokerOf)) {
    if (!endpoint || seen.has(formatEndpoint(endpoint)) || !canListen(endpoint)) continue
    seen.add(formatEndpoint(endpoint))
    addTunnel(plan, endpoint)
  }
  return plan
}

function addTunnel(plan: EgressPlan, endpoint: Endpoint): void {
  plan.tunnels.push(endpoint)
  plan.listens.push(`${addressFor(plan, endpoint.host)}:${endpoint.port}`)
}

/** Each host has a loopback address of its own, so that two may use the same port. */
function addressFor(plan: EgressPlan, host: string): string {
  if (LOOPBACK_NAMES.includes(host)) return '127.0.0.1'
  const known = plan.hosts.find((line) => line.endsWith(` ${host}`))
  if (known) return known.slice(0, known.indexOf(' '))
  const address = `127.0.1.${plan.hosts.length + 1}`
  plan.hosts.push(`${address} ${host}`)
  return address
}

function brokerOf(secret: string): Endpoint | undefined {
  const authority = CONNECTION_STRING_ENDPOINT.exec(secret)?.[1]
  return authority ? parseEndpoint(authority, USES_EMULATOR.test(secret) ? AMQP_PORT : AMQPS_PORT) : undefined
}

/** A name or loopback: other numeric addresses can not be led elsewhere. */
function canListen({ host, port }: Endpoint): boolean {
  if (isIP(host) && !LOOPBACK_NAMES.includes(host)) return false
  return port >= FIRST_FREE_PORT && port !== API_PORT
}
