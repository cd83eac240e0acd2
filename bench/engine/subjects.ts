import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { db } from '@/lib/db'
import { withSettlements } from '@/lib/executions/settlements'
import { ROOT } from '../root'
import type { BareOptions, BareReport } from './bare-process'
import { connectFlows } from './place'
import { type Child, cpuMsOf, type FamilyMeter, family, residentMbOf, startChild } from './processes'
import { CALLS, type Rig } from './rig'

const POLL_MS = 50
const STATE_LIMIT_MS = 60_000

/** Someone who takes messages from a queue of its own. */
export type Subject = {
  label: string
  queueName: string
  resume(): Promise<void>
  pause(): Promise<void>
  /** CPU time so far in ms, by process. */
  cpu(): Record<'own' | 'workers', number>
  /** Resident memory in MB, by process. */
  memory(): Record<'own' | 'workers', number>
  /** When each of `ids` was settled, in ms since 1970; waits until all are. */
  settledAt(ids: string[]): Promise<Map<string, number>>
}

/** The bare loop, ready but paused. */
export async function startBareSubject({ broker }: Rig): Promise<Subject & { stop(): Promise<void> }> {
  const queueName = 'bare'
  const child = await startBare({ connectionString: broker.connectionString, queueNames: [queueName], calls: CALLS })
  const told = (command: string) => child.process.send(command)
  const answered = () => new Promise<BareReport>((resolve) => child.process.once('message', resolve))
  const pause = async () => {
    told('pause')
    await answered()
  }
  await pause()
  return {
    label: 'the bare loop',
    queueName,
    resume: async () => {
      told('subscribe')
      await answered()
    },
    pause,
    cpu: () => ({ own: cpuMsOf([child.pid]), workers: 0 }),
    memory: () => ({ own: residentMbOf([child.pid]), workers: 0 }),
    settledAt: async (ids) => {
      const times = new Map<string, number>()
      while (times.size < ids.length) {
        told('report')
        const report = await answered()
        if (report !== 'done') for (const [id, at] of Object.entries(report.settled)) times.set(id, at)
        if (times.size < ids.length) await sleep(POLL_MS)
      }
      return times
    },
    stop: child.stop,
  }
}

export function startBare(options: BareOptions): Promise<Child> {
  return startChild(['--import', 'tsx', 'bench/engine/bare-process.ts', JSON.stringify(options)], process.env)
}

/** The engine as `npm run engine` starts it. */
export function startEngine({ place }: Rig): Promise<Child> {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { engine: string } }
  const [, ...args] = scripts.engine.split(' ')
  return startChild(args, place.env)
}

/** A flow of the running engine, paused. */
export async function makeFlowSubject(
  { place, broker }: Rig,
  engine: Child & { meter: FamilyMeter },
  { label, queueName, language, toCollection = false }: FlowSubjectOptions,
): Promise<Subject> {
  const [flowId = ''] = await connectFlows(place.algorithms[language], broker, [queueName], {
    concurrency: CALLS,
    isPaused: true,
    ...(toCollection && { outputCollection: place.collection }),
  })
  const wish = async (intent: 'run' | 'paused', state: string) => {
    await db().eventFlow.update({ where: { id: flowId }, data: { intent } })
    await untilStates([flowId], state)
  }
  const workers = () => family(engine.pid).filter((pid) => pid !== engine.pid)
  return {
    label,
    queueName,
    resume: () => wish('run', 'receiving'),
    pause: () => wish('paused', 'paused'),
    cpu: () => ({ own: cpuMsOf([engine.pid]), workers: engine.meter.readMs() }),
    memory: () => ({ own: residentMbOf([engine.pid]), workers: residentMbOf(workers()) }),
    settledAt: async (ids) => {
      for (;;) {
        const rows = await db().execution.findMany({
          where: { flowId, messageId: { in: ids } },
          select: { id: true, messageId: true },
        })
        const settled = (await withSettlements(db(), rows)).flatMap(({ messageId, settledAt }) =>
          settledAt ? [[messageId ?? '', settledAt.getTime()] as const] : [],
        )
        if (settled.length >= ids.length) return new Map(settled)
        await sleep(POLL_MS)
      }
    },
  }
}

export type FlowSubjectOptions = {
  label: string
  queueName: string
  language: 'python' | 'node'
  toCollection?: boolean
}

/** Waits until all of the flows say that they are in this state. */
export async function untilStates(flowIds: string[], state: string): Promise<void> {
  for (const end = Date.now() + STATE_LIMIT_MS; ; await sleep(POLL_MS)) {
    const others = await db().eventFlow.count({ where: { id: { in: flowIds }, NOT: { state: state as never } } })
    if (others === 0) return
    if (Date.now() > end) throw new Error(`${others} of ${flowIds.length} flows did not come to be ${state}`)
  }
}
