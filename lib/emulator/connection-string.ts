import { isIPv6 } from 'node:net'
import type { AccessKey } from './access-keys'

/** Where a client on this machine reaches a broker that listens everywhere. */
const LOCAL_HOSTS: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** What a client on this machine needs. An IPv6 address stands in brackets, so that its colons are not taken for the port's. */
export function formatConnectionString(listensOn: string, port: number, { name, key }: AccessKey): string {
  const host = LOCAL_HOSTS[listensOn] ?? listensOn
  const endpoint = `sb://${isIPv6(host) ? `[${host}]` : host}:${port}`
  return `Endpoint=${endpoint};SharedAccessKeyName=${name};SharedAccessKey=${key};UseDevelopmentEmulator=true`
}
