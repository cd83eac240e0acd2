import { type LiveEngine, readConsumers, readEngines } from '@/lib/engine/consumers'
import { type ConsumerStatus, currentEngine } from '@/lib/engine/current'
import { labelOfState } from '@/lib/event-flows/words'
import type { ConsumerState } from '@/lib/generated/prisma/enums'
import type { HealthCheck } from './port'

const WANT_ATTENTION: ReadonlySet<ConsumerState> = new Set(['misconfigured', 'reconnecting'])

/** What the engines do, in this process and in others. */
export async function checkEngine(): Promise<HealthCheck> {
  try {
    const engines = await readEngines()
    if (engines.length === 0 && !currentEngine().isRunning) return idle()
    return await describeEngines(engines)
  } catch {
    const { isRunning } = currentEngine()
    const summary = isRunning ? 'Runs; the database does not say more' : 'The database does not say whether one runs'
    return { part: 'Engine', status: 'warning', summary, details: [] }
  }
}

async function describeEngines(engines: LiveEngine[]): Promise<HealthCheck> {
  const consumers = await readConsumers()
  const inFlight = consumers.reduce((sum, consumer) => sum + consumer.inFlight.length, 0)
  const failing = consumers.filter(({ state }) => WANT_ATTENTION.has(state)).length
  const summary = `${count(consumers.length, 'consumer')}, ${count(inFlight, 'message')} in flight`
  return {
    part: 'Engine',
    status: failing > 0 ? 'warning' : 'ok',
    summary: engines.length > 1 ? `${engines.length} engines, ${summary}` : summary,
    details: [...statesOf(consumers), ...(engines.length > 1 ? engines.map(lineOf) : [])],
    ...(failing > 0 && { fix: 'The event flows below say what each of them needs.' }),
  }
}

const lineOf = ({ hostName, pid, flowCount, isStopping }: LiveEngine): string =>
  `${hostName}, process ${pid}: event flows: ${flowCount}${isStopping ? ', stops' : ''}`

/** `Receiving: 3`, one line a state. */
function statesOf(consumers: ConsumerStatus[]): string[] {
  const counts = new Map<ConsumerState, number>()
  for (const { state } of consumers) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, amount]) => `${labelOfState(state)}: ${amount}`)
}

function idle(): HealthCheck {
  const details = [
    'No event flow receives messages. The server is starting or stopping, its start failed, or no engine is started.',
  ]
  const fix = 'Look at the log of the server. With HEADRACE_ROLE=web start an engine: npm run engine.'
  return { part: 'Engine', status: 'down', summary: 'Not running', details, fix }
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
