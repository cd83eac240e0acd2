import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { readReadiness } from '@/lib/admin/readiness'
import { currentEngine } from '@/lib/engine/current'
import { env } from '@/lib/env'
import { isMetricsToken, readMetrics } from '@/lib/telemetry/read-metrics'

/** The engine process's own small server: health and metrics, nothing else. Resolves once it listens. */
export async function startEngineServer(port: number, host: string): Promise<{ port: number; close(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    answer(request).then(
      ({ status, contentType, text }) =>
        response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Answer = { status: number; contentType: string; text: string }

async function answer(request: http.IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { status: 'method not allowed' })
  switch (url.pathname) {
    case '/health':
      return url.searchParams.get('probe') === 'live' ? json(200, { status: 'ok' }) : await readiness()
    case '/health/live':
      return json(200, { status: 'ok' })
    case '/health/ready':
      return await readiness()
    case '/metrics':
      return mayReadMetrics(request.headers.authorization)
        ? { status: 200, ...(await readMetrics()) }
        : json(401, { status: 'token wanted' })
    default:
      return json(404, { status: 'not found' })
  }
}

/** Whether consumers run now: the process answers while it starts, and while it drains. */
async function readiness(): Promise<Answer> {
  const { parts } = await readReadiness()
  const all = { ...parts, engine: currentEngine().isRunning ? 'ok' : 'down' }
  const isReady = !Object.values(all).includes('down')
  return json(isReady ? 200 : 503, { status: isReady ? 'ok' : 'unavailable', parts: all })
}

/** With HEADRACE_METRICS_TOKEN set a reader must bring it as a bearer token; without, the port is for whom it is open to. */
function mayReadMetrics(authorization: string | undefined): boolean {
  const { HEADRACE_METRICS_TOKEN: token } = env()
  return token === undefined || isMetricsToken(authorization, token)
}

const json = (status: number, body: unknown): Answer => ({
  status,
  contentType: 'application/json',
  text: JSON.stringify(body),
})
