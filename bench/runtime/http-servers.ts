import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { buildConsole } from '@/lib/launch/build'
import { freePort } from '@/lib/launch/ports'
import type { Place } from '../engine/place'
import { ROOT } from '../root'
import type { BenchLanguage } from './subjects'

const FOLLOW_LAUNCHER = pathToFileURL(join(ROOT, 'lib/launch/follow-launcher.mjs')).href
const READY_MS = 90_000
const POLL_MS = 100

export type HttpServer = { port: number; pid: number; stop(): Promise<void> }

/** The built console as `npm run up` starts it, with the engine inside it. */
export async function startConsole(place: Place): Promise<HttpServer> {
  await buildConsole(ROOT)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = start(
    ['--max-semi-space-size=32', join(ROOT, 'lib/launch/serve.mjs'), join(ROOT, '.next/standalone')],
    {
      ...place.env,
      HEADRACE_ROLE: 'all',
      PORT: String(port),
      HOSTNAME: '127.0.0.1',
      NEXTAUTH_URL: url,
      NEXT_MANUAL_SIG_HANDLE: 'true',
    },
  )
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(POLL_MS)) {
    const response = await fetch(`${url}/api/health`).catch(() => undefined)
    if (response?.ok) return { port, pid: child.pid as number, stop: () => stop(child) }
  }
  throw new Error(`The console does not become healthy within ${READY_MS / 1000} s.`)
}

export async function startBareHttp({ language, interpreterPath }: BenchLanguage): Promise<HttpServer> {
  const script = join(ROOT, 'bench/runtime/bare-http.ts')
  const child = start(['--import', 'tsx', script, language, interpreterPath], process.env)
  const [port] = (await once(child, 'message')) as [number]
  return { port, pid: child.pid as number, stop: () => stop(child) }
}

/** Ends when this process dies. */
function start(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, ['--import', FOLLOW_LAUNCHER, ...args], {
    cwd: ROOT,
    env: { ...env, HEADRACE_LAUNCHER: String(process.pid) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
