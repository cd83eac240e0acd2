import { db } from '@/lib/db'
import { type HealthCheck, milliseconds, reasonOf, timed } from './port'

const SLOW_MS = 1_000

/** Asks Postgres for the time of one round trip. */
export async function checkDatabase(): Promise<HealthCheck> {
  try {
    // The first trip may have to open a connection.
    await timed(ask)
    const tookMs = await timed(ask)
    const isSlow = tookMs > SLOW_MS
    return {
      part: 'Database',
      status: isSlow ? 'warning' : 'ok',
      summary: `Answers in ${milliseconds(tookMs)}`,
      details: isSlow ? [`A round trip takes longer than ${SLOW_MS / 1000} s; pages and executions wait for it.`] : [],
    }
  } catch (error) {
    return {
      part: 'Database',
      status: 'down',
      summary: 'Does not answer',
      details: [reasonOf(error)],
      fix: 'Check that Postgres runs and that DATABASE_URL points to it.',
    }
  }
}

async function ask(): Promise<void> {
  await db().$queryRaw`select 1`
}
