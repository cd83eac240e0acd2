import { db } from '@/lib/db'
import { namespaceHostOf, parseConnectionString } from '@/lib/engine/broker/connection-string'
import { env } from '@/lib/env'
import { ANSWER_LIMIT_MS, type HealthCheck, milliseconds, reasonOf, timed } from './port'

/** Whether the embedded broker answers; with none, what namespaces the event flows use. */
export async function checkBroker(): Promise<HealthCheck> {
  const connectionString = env().HEADRACE_EMBEDDED_BROKER
  const namespaces = await db()
    .eventFlow.groupBy({ by: ['namespaceHost'], _count: true, orderBy: { namespaceHost: 'asc' } })
    .catch(() => [])
  const details = namespaces.map(({ namespaceHost, _count }) => `${namespaceHost}: event flows: ${_count}`)
  if (!connectionString) {
    const summary = namespaces.length ? 'Outside: each event flow reports its own' : 'None connected yet'
    return { part: 'Broker', status: 'ok', summary, details }
  }
  try {
    const host = namespaceHostOf(parseConnectionString(connectionString))
    const tookMs = await timed(() => askHealth(host))
    return { part: 'Broker', status: 'ok', summary: `Embedded, answers in ${milliseconds(tookMs)}`, details }
  } catch (error) {
    return {
      part: 'Broker',
      status: 'down',
      summary: 'The embedded broker does not answer',
      details: [reasonOf(error), ...details],
      fix: 'Stop the server and start it again with npm run up; its log says why the broker ended.',
    }
  }
}

/** The broker serves HTTP on its one port too. */
async function askHealth(host: string): Promise<void> {
  const answer = await fetch(`http://${host}/health`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`${host} answers with status ${answer.status}`)
}
