import { type Account, accountFor } from '../frame/account'
import type { Field } from './field'
import { numberOfResult } from './flows'
import { readIds } from './queue-places'
import { idOf, isPoison, numberOf } from './sender'

/** Finds every message: as a won result in the ledger, on the dead-letter queue, or on the queue. */
export async function reckon(field: Field, sentCount: number, facts: Account['facts']): Promise<Account> {
  const { flows } = field.rig
  const runs = await readRuns(field)
  const won = runs.filter(({ status }) => status === 'succeeded')
  const deadLettered = await readIds(flows, 'dead-letter')
  const queued = await readIds(flows)
  const sent = Array.from({ length: sentCount }, (_, n) => idOf(n))
  const complaints = [
    ...field.complaints,
    ...complainAbout(
      won.filter(({ messageId, resultPreview }) => numberOfResult(resultPreview) !== numberOf(`${messageId}`)),
      'have the result of another message',
      ({ messageId }) => `${messageId}`,
    ),
    ...complainAbout(
      deadLettered.filter((id) => !isPoison(numberOf(id))),
      'are dead-lettered although they can be digested',
    ),
    ...complainAbout(queued, 'are still on the queue although an engine ran'),
    ...complainAboutCrowds(field, runs),
  ]
  return accountFor(
    { sent, done: won.map(({ messageId }) => `${messageId}`), deadLettered, queued },
    { ...facts, ...countRuns(runs), engines: field.enginesStarted },
    complaints,
  )
}

type Runs = Awaited<ReturnType<typeof readRuns>>

function readRuns({ rig }: Field) {
  return rig.db.execution.findMany({
    where: { flowId: { in: rig.flows.map(({ id }) => id) } },
    select: {
      flowId: true,
      messageId: true,
      status: true,
      errorType: true,
      deliveryCount: true,
      startedAt: true,
      durationMs: true,
      resultPreview: true,
    },
  })
}

function complainAbout<T>(list: T[], what: string, nameOf = (one: T) => String(one)): string[] {
  if (list.length === 0) return []
  const names = list.slice(0, 5).map(nameOf).join(', ')
  return [`${list.length} messages ${what}: ${names}${list.length > 5 ? ', …' : ''}.`]
}

/** More runs of a flow at a time than it allows: across all engines that had it. */
function complainAboutCrowds({ rig }: Field, runs: Runs): string[] {
  return rig.flows.flatMap(({ id, concurrency }) => {
    const most = mostAtATime(runs.filter(({ flowId }) => flowId === id))
    return most > concurrency ? [`${most} runs of a flow at a time, although ${concurrency} are allowed.`] : []
  })
}

function mostAtATime(runs: Runs): number {
  const edges = runs.flatMap(({ startedAt, durationMs }) => [
    { at: startedAt.getTime(), step: 1 },
    // Times are kept in whole milliseconds: a run counts as over a little early rather than late.
    { at: startedAt.getTime() + Math.floor(durationMs ?? 0), step: -1 },
  ])
  let [running, most] = [0, 0]
  for (const { step } of edges.sort((a, b) => a.at - b.at || a.step - b.step)) {
    running += step
    most = Math.max(most, running)
  }
  return most
}

function countRuns(runs: Runs): Account['facts'] {
  const facts: Record<string, number> = { executions: runs.length, redeliveries: 0 }
  for (const { status, errorType, deliveryCount } of runs) {
    if ((deliveryCount ?? 1) > 1) facts.redeliveries = (facts.redeliveries ?? 0) + 1
    const name = errorType ? `${status} (${errorType})` : status
    facts[name] = (facts[name] ?? 0) + 1
  }
  return facts
}
