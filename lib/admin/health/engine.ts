import { type ConsumerStatus, currentEngine } from '@/lib/engine/current'
import { env } from '@/lib/env'
import { labelOfState } from '@/lib/event-flows/words'
import type { ConsumerState } from '@/lib/generated/prisma/enums'
import type { HealthCheck } from './port'

const WANT_ATTENTION: ReadonlySet<ConsumerState> = new Set(['misconfigured', 'reconnecting'])

/** What the consumers of this process do. */
export async function checkEngine(): Promise<HealthCheck> {
  const engine = currentEngine()
  if (!engine.isRunning) return idle()
  const consumers = engine.status()
  const inFlight = consumers.reduce((sum, consumer) => sum + consumer.inFlight.length, 0)
  const failing = consumers.filter(({ state }) => WANT_ATTENTION.has(state)).length
  return {
    part: 'Engine',
    status: failing > 0 ? 'warning' : 'ok',
    summary: `${count(consumers.length, 'consumer')}, ${count(inFlight, 'message')} in flight`,
    details: statesOf(consumers),
    ...(failing > 0 && { fix: 'The event flows below say what each of them needs.' }),
  }
}

/** `Receiving: 3`, one line a state. */
function statesOf(consumers: ConsumerStatus[]): string[] {
  const counts = new Map<ConsumerState, number>()
  for (const { state } of consumers) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, amount]) => `${labelOfState(state)}: ${amount}`)
}

function idle(): HealthCheck {
  if (env().HEADRACE_ROLE === 'web') {
    const details = ['HEADRACE_ROLE is web: another process runs the event flows.']
    return { part: 'Engine', status: 'ok', summary: 'Not in this process', details }
  }
  const details = ['No event flow receives messages. The server is starting or stopping, or its start failed.']
  return { part: 'Engine', status: 'down', summary: 'Not running', details, fix: 'Look at the log of the server.' }
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
