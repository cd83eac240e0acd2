import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildConsole } from '@/lib/launch/build'
import { freePort } from '@/lib/launch/ports'
import { YOUNG_GENERATION } from '@/lib/launch/start-app'
import type { Place } from '../engine/place'
import { spawnNode, stopNode } from '../engine/processes'
import { ROOT } from '../root'
import type { BenchLanguage } from './subjects'

const READY_MS = 90_000
const POLL_MS = 100

export type HttpServer = { port: number; pid: number; stop(): Promise<void> }

/** The built console as `npm run up` starts it, with the engine inside it. */
export async function startConsole(place: Place): Promise<HttpServer> {
  await buildConsole(ROOT)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawnNode(
    [YOUNG_GENERATION, join(ROOT, 'lib/launch/serve.mjs'), join(ROOT, '.next/standalone')],
    {
      ...place.env,
      HEADRACE_ROLE: 'all',
      PORT: String(port),
      HOSTNAME: '127.0.0.1',
      NEXTAUTH_URL: url,
      NEXT_MANUAL_SIG_HANDLE: 'true',
    },
    'ignore',
  )
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(POLL_MS)) {
    const response = await fetch(`${url}/api/health`).catch(() => undefined)
    if (response?.ok) return { port, pid: child.pid as number, stop: () => stopNode(child) }
  }
  throw new Error(`The console does not become healthy within ${READY_MS / 1000} s.`)
}

export async function startBareHttp({ language, interpreterPath }: BenchLanguage): Promise<HttpServer> {
  const script = join(ROOT, 'bench/runtime/bare-http.ts')
  const child = spawnNode(['--import', 'tsx', script, language, interpreterPath], process.env, 'ignore')
  const [port] = (await once(child, 'message')) as [number]
  return { port, pid: child.pid as number, stop: () => stopNode(child) }
}
