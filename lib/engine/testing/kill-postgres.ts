import type { PostgresServer } from '@/lib/launch/postgres/server'
import { waitUntilGone } from '@/lib/launch/processes'

const LIMIT_MS = 10_000

/** Ends Postgres by SIGKILL; resolves when it is gone, for until then it may go on answering. */
export async function killPostgres({ pid }: PostgresServer): Promise<void> {
  process.kill(pid, 'SIGKILL')
  if (!(await waitUntilGone(pid, LIMIT_MS))) throw new Error('Postgres did not end.')
}
