import { db } from '@/lib/db'

/**
 * Marks the builds that an earlier run of the server left queued or running as failed: nothing works on them any more.
 * For the start of the one process that builds. Returns how many there were.
 */
export async function recoverBuilds(): Promise<number> {
  const { count } = await db().build.updateMany({
    where: { status: { in: ['queued', 'in_progress'] } },
    data: {
      status: 'failed',
      finishedAt: new Date(),
      error: 'The server stopped before this build was done. Build again.',
    },
  })
  return count
}
