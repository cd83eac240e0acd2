import { setTimeout as sleep } from 'node:timers/promises'
import { deleteObjects } from '@/lib/data/objects'
import { db } from '@/lib/db'
import { componentLogger } from '@/lib/logger'

const HOUR_MS = 60 * 60 * 1000
/** No flow may run a message longer than 50 minutes: what still says so after an hour was left by a crash. */
const FORGOTTEN_AFTER_MS = HOUR_MS
const MINUTES_KEPT_MS = 48 * HOUR_MS
const BATCH = 500

const log = componentLogger('executions')

/** Removes once an hour what is not kept for ever, until it is stopped. @returns how to stop it. */
export function startRetention(everyMs = HOUR_MS): () => Promise<void> {
  const stopping = new AbortController()
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await applyRetention().catch((error: unknown) => log.error({ err: error }, 'old rows could not be removed'))
      await sleep(everyMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
    }
  })()
  return () => {
    stopping.abort()
    return running
  }
}

/** Removes large payloads whose time is over and old minutes, and ends runs that a crash left behind as running. */
export async function applyRetention(now = new Date()): Promise<void> {
  await removeExpiredPayloads(now)
  await db().flowMinute.deleteMany({ where: { minute: { lt: new Date(now.getTime() - MINUTES_KEPT_MS) } } })
  await endForgottenRuns(now)
}

/** Row first: an object without a row is the sweeper's, a row without an object would be a promise that is not kept. */
async function removeExpiredPayloads(now: Date): Promise<void> {
  for (;;) {
    const expired = await db().executionPayload.findMany({
      where: { expiresAt: { lt: now } },
      take: BATCH,
      select: { storageKey: true },
    })
    if (expired.length === 0) return
    const keys = expired.map(({ storageKey }) => storageKey)
    await db().executionPayload.deleteMany({ where: { storageKey: { in: keys } } })
    await deleteObjects(keys)
  }
}

async function endForgottenRuns(now: Date): Promise<void> {
  await db().execution.updateMany({
    where: {
      source: { in: ['replay', 'dry_run'] },
      status: 'running',
      startedAt: { lt: new Date(now.getTime() - FORGOTTEN_AFTER_MS) },
    },
    data: {
      status: 'abandoned',
      errorType: 'ServerStopped',
      errorMessage: 'The server stopped before this run was over. Replay it to try again.',
      finishedAt: now,
    },
  })
}
