import { setTimeout as sleep } from 'node:timers/promises'
import { db } from '@/lib/db'
import { startBroker } from '../broker/servers'
import { type Figure, figure, type Goal } from '../report'
import { measureInTurn, type Sample } from '../rounds'
import { connectFlows } from './place'
import { cpuMsOf, residentMbOf } from './processes'
import type { Rig } from './rig'
import { startBare, startEngine, untilStates } from './subjects'

const FULL_COUNTS = [1, 100, 1000]
const QUICK_COUNTS = [1, 20]
const CALLS = 16
const WATCH_MS = 10_000
const QUICK_WATCH_MS = 2_000
const MOST_QUEUES = 1000

/** Flows whose queues stay empty: how soon all of them receive, and what they cost then. */
export async function benchIdle(rig: Rig): Promise<Figure[]> {
  const counts = rig.options.quick ? QUICK_COUNTS : FULL_COUNTS
  const names = Array.from({ length: MOST_QUEUES }, (_, index) => `idle-${index}`)
  const broker = await startBroker(names)
  const own = { ...rig, broker }
  const measures = counts.flatMap((count) => [
    () => watchBare(own, names.slice(0, count)),
    () => watchEngine(own, names.slice(0, count)),
  ])
  const samples = await measureInTurn(rig.options.rounds, ...measures)
  await broker.close()
  const alone = samples[1] ?? {}
  return counts.flatMap((count, index) =>
    figuresOf(count, samples[2 * index + 1] ?? {}, samples[2 * index] ?? {}, alone),
  )
}

function figuresOf(count: number, engine: Sample, bare: Sample, alone: Sample): Figure[] {
  const goal = (most: number): Goal | undefined => (count === MOST_QUEUES ? { atMost: most } : undefined)
  const label = `${count} idle ${count === 1 ? 'queue' : 'queues'}`
  return [
    figure(`${label}: all receiving after`, 's', engine.seconds ?? NaN, bare.seconds, goal(30)),
    figure(`${label}: memory of the engine`, 'MB', engine.mb ?? NaN, bare.mb),
    ...(count > 1
      ? [
          figure(
            `${label}: memory above one flow's`,
            'MB',
            (engine.mb ?? NaN) - (alone.mb ?? NaN),
            undefined,
            goal(150),
          ),
        ]
      : []),
    figure(`${label}: CPU of the engine`, '% of a core', engine.cpuPercent ?? NaN, bare.cpuPercent, goal(3)),
    figure(`${label}: CPU of Postgres`, '% of a core', engine.postgresPercent ?? NaN),
    figure(`${label}: CPU of the broker`, '% of a core', engine.brokerPercent ?? NaN, bare.brokerPercent),
  ]
}

async function watchBare(rig: Rig, queueNames: string[]): Promise<Sample> {
  const startedAt = performance.now()
  const child = await startBare({ connectionString: rig.broker.connectionString, queueNames, calls: CALLS })
  const seconds = (performance.now() - startedAt) / 1000
  const sample = await watch(rig, child.pid)
  await child.stop()
  return { seconds, ...sample }
}

async function watchEngine(rig: Rig, queueNames: string[]): Promise<Sample> {
  const flowIds = await connectFlows(rig.place.algorithms.python, rig.broker, queueNames, { concurrency: CALLS })
  const startedAt = performance.now()
  const engine = await startEngine(rig)
  await untilStates(flowIds, 'receiving')
  const seconds = (performance.now() - startedAt) / 1000
  const sample = await watch(rig, engine.pid)
  await engine.stop()
  await db().eventFlow.deleteMany({ where: { id: { in: flowIds } } })
  return { seconds, ...sample }
}

async function watch({ postgres, broker, options }: Rig, pid: number): Promise<Sample> {
  const cpu = () => [cpuMsOf([pid]), postgres.readMs(), cpuMsOf([broker.pid])]
  const watchMs = options.quick ? QUICK_WATCH_MS : WATCH_MS
  const before = cpu()
  await sleep(watchMs)
  const [own = NaN, ofPostgres = NaN, ofBroker = NaN] = cpu().map(
    (after, index) => ((after - (before[index] ?? NaN)) / watchMs) * 100,
  )
  return { mb: residentMbOf([pid]), cpuPercent: own, postgresPercent: ofPostgres, brokerPercent: ofBroker }
}
