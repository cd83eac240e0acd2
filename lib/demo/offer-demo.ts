import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { env } from '@/lib/env'
import { componentLogger } from '@/lib/logger'
import { createDemo } from './create-demo'

const log = componentLogger('demo')

/** What the launcher, which waits for it, is told over its channel. */
export type DemoReport = { event: 'demo'; state: 'made' | 'kept' | 'failed'; message?: string }

/**
 * Makes the demo data when the launcher asked for it and there is no algorithm yet, as the first administrator.
 * Never throws: a console without demo data is still a console.
 */
export async function offerDemo(signal: AbortSignal): Promise<void> {
  const { HEADRACE_DEMO, HEADRACE_EMBEDDED_BROKER } = env()
  if (HEADRACE_DEMO !== '1' || !HEADRACE_EMBEDDED_BROKER) return
  try {
    report(await makeOnce(HEADRACE_EMBEDDED_BROKER, signal))
  } catch (error) {
    if (signal.aborted) return
    log.error({ err: error }, 'the demo data could not be made')
    report({ event: 'demo', state: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}

async function makeOnce(connectionString: string, signal: AbortSignal): Promise<DemoReport> {
  if ((await db().algorithm.count({ take: 1 })) > 0) return { event: 'demo', state: 'kept' }
  const ctx = await firstAdministrator()
  if (!ctx) return { event: 'demo', state: 'kept' }
  const { endpoint, collection, queue } = await createDemo(ctx, connectionString, signal)
  const message = `${queue} runs ${endpoint}, which stores each message in ${collection}`
  return { event: 'demo', state: 'made', message }
}

async function firstAdministrator(): Promise<Context | null> {
  const user = await db().user.findFirst({
    where: { isAdmin: true },
    orderBy: { createdAt: 'asc' },
    select: { id: true, account: { select: { id: true, name: true } } },
  })
  if (!user) return null
  return {
    actor: { kind: 'user', userId: user.id, accountId: user.account.id, name: user.account.name, isAdmin: true },
  }
}

function report(message: DemoReport): void {
  process.send?.(message)
}
