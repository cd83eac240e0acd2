import { availableParallelism } from 'node:os'
import { componentLogger } from '@/lib/logger'
import { runBuild } from './run-build'

/** One build a core: more would only slow each other and the algorithms that run beside them. */
const MAX_BUILDS = availableParallelism()

type BuildQueue = { waiting: string[]; running: Map<string, Promise<void>>; abort: AbortController; isClosed: boolean }

const log = componentLogger('builds')

// Next bundles this module more than once; the queue is one a process.
const shared = globalThis as unknown as { headraceBuilds?: BuildQueue }

function queue(): BuildQueue {
  shared.headraceBuilds ??= { waiting: [], running: new Map(), abort: new AbortController(), isClosed: false }
  return shared.headraceBuilds
}

/** Runs a queued build as soon as a place is free. */
export function enqueueBuild(buildId: string): void {
  queue().waiting.push(buildId)
  startNext()
}

/** Waits until nothing is queued and nothing runs. */
export async function whenBuildsAreDone(): Promise<void> {
  while (queue().running.size > 0) await Promise.all(queue().running.values())
}

/** Takes no more builds, ends those that run, and waits for them. For the server's stop; idempotent. */
export async function closeBuilds(): Promise<void> {
  const current = queue()
  current.isClosed = true
  current.waiting.length = 0
  current.abort.abort()
  await whenBuildsAreDone()
}

/** Lets a new start of the server in the same process build again. */
export function openBuilds(): void {
  shared.headraceBuilds = undefined
}

function startNext(): void {
  const current = queue()
  while (!current.isClosed && current.running.size < MAX_BUILDS) {
    const buildId = current.waiting.shift()
    if (!buildId) return
    const run = runBuild(buildId, current.abort.signal)
      .catch((error: unknown) => log.error({ err: error, buildId }, 'a build could not be recorded'))
      .finally(() => {
        current.running.delete(buildId)
        startNext()
      })
    current.running.set(buildId, run)
  }
}
