import { once } from 'node:events'
import type { Socket } from 'node:net'
import { EGRESS_CONNECT_TIMEOUT_MS, KIB } from '../limits'
import { type Endpoint, formatEndpoint, parseEndpoint } from './egress'

/** The HTTP proxy that this machine's internet is behind. */
export type UpstreamProxy = {
  endpoint: Endpoint
  authorization?: string
  /** Hosts and, with a dot before them, domains that are connected to without it; `*` for all. */
  except: string[]
}

const DEFAULT_PROXY_PORT = 80
const MAX_ANSWER_BYTES = 16 * KIB
const HEADER_END = '\r\n\r\n'

/**
 * Reads `http://user:password@host:port`, and `NO_PROXY`'s list. Undefined for anything else: other kinds of proxy are
 * not supported.
 */
export function parseProxy(text: string | undefined, noProxy = ''): UpstreamProxy | undefined {
  if (!text) return undefined
  const address = text.includes('://') ? text : `http://${text}`
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  const endpoint = url.protocol === 'http:' ? parseEndpoint(url.host, DEFAULT_PROXY_PORT) : undefined
  if (!endpoint) return undefined
  const except = noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
  if (!url.username) return { endpoint, except }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { endpoint, except, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** Whether a host is connected to by way of the proxy. */
export function isBehindProxy({ except }: UpstreamProxy, host: string): boolean {
  return !except.some((entry) => {
    const name = entry.replace(/^\*?\./, '').replace(/:\d+$/, '')
    return entry === '*' || host === name || host.endsWith(`.${name}`)
  })
}

/** Asks the proxy at the other end of `socket` to lead to `target`. Throws when it will not. */
export async function askProxy(socket: Socket, proxy: UpstreamProxy, target: Endpoint): Promise<void> {
  const name = formatEndpoint(target)
  const authorization = proxy.authorization ? `Proxy-Authorization: ${proxy.authorization}\r\n` : ''
  socket.write(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n${authorization}\r\n`)
  const signal = AbortSignal.timeout(EGRESS_CONNECT_TIMEOUT_MS)
  let answer = ''
  while (!answer.includes(HEADER_END)) {
    const [chunk] = (await once(socket, 'data', { signal })) as [Buffer]
    answer += chunk.toString('latin1')
    if (answer.length > MAX_ANSWER_BYTES) throw new Error('the proxy’s answer is not HTTP')
  }
  socket.pause()
  const end = answer.indexOf(HEADER_END) + HEADER_END.length
  if (answer.length > end) socket.unshift(Buffer.from(answer.slice(end), 'latin1'))
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1]
  if (status !== '200') throw new Error(`the proxy ${formatEndpoint(proxy.endpoint)} answered with status ${status}`)
}
