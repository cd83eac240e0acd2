import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Child, describeExit, lastLines, startChild } from './child-process'
import type { DataDirectory } from './data-directory'
import { LaunchError } from './entry/launch-error.mjs'
import { stopSignal } from './entry/stopping.mjs'

const SERVE = fileURLToPath(new URL('./serve.mjs', import.meta.url))
/** MB, as in package.json's `engine`: what the engine has in hand lives for too long for Node's usual 16 (docs/performance.md). */
export const YOUNG_GENERATION = '--max-semi-space-size=32'
const READY_TIMEOUT_MS = 90_000
const ANSWER_TIMEOUT_MS = 5_000
const POLL_MS = 40

/** Starts the built console in `folder`; returns once it says that it is healthy. */
export async function startApp(
  root: string,
  data: DataDirectory,
  options: { folder: string; url: string; env: Record<string, string>; onStarted: (child: Child) => void },
): Promise<Child> {
  const child = startChild({
    name: 'The console',
    args: [YOUNG_GENERATION, SERVE, options.folder],
    env: { ...process.env, ...options.env },
    cwd: root,
    logFile: data.logFile('app'),
    stdout: 'log',
  })
  options.onStarted(child)
  await waitUntilHealthy(child, options.url)
  return child
}

/** What the host says about the demo data: `{ event: 'demo', state, message? }` over the channel to the launcher. */
export type DemoReport = { state: 'made' | 'kept' | 'failed'; message?: string }

/** Resolves with the host's report; undefined when the console ended or took longer than `timeoutMs`. */
export function waitForDemo(child: Child, timeoutMs: number): Promise<DemoReport | undefined> {
  const report = new Promise<DemoReport | undefined>((resolve) => {
    child.process.on('message', (message: { event?: string } & DemoReport) => {
      if (message?.event === 'demo') resolve(message)
    })
    stopSignal.addEventListener('abort', () => resolve(undefined))
  })
  const timeout = sleep(timeoutMs, undefined, { ref: false })
  return Promise.race([report, timeout, child.exited.then(() => undefined)])
}

async function waitUntilHealthy(child: Child, url: string): Promise<void> {
  let answer = 'nothing'
  let hasEnded = false
  child.exited.then(() => {
    hasEnded = true
  })
  for (const end = Date.now() + READY_TIMEOUT_MS; Date.now() < end; await sleep(POLL_MS)) {
    stopSignal.throwIfAborted()
    if (hasEnded) throw await describeExit(child)
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).catch(
      () => undefined,
    )
    if (response?.ok) return
    if (response) answer = `${response.status} ${(await response.text().catch(() => '')).slice(0, 500)}`
  }
  throw new LaunchError(
    `The console does not become healthy (${url}/api/health).`,
    `It answers: ${answer}\n${child.logFile} ends with:\n${lastLines(child.logFile)}`,
    'Run the command again; if it stays, the log above says why.',
  )
}
