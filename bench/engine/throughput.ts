import { sendBatches, withClient } from '../broker/rig'
import { type Figure, figure, type Goal } from '../report'
import { measureInTurn, type Sample } from '../rounds'
import { cpuMsOf } from './processes'
import { secondsToEmpty } from './queue-watch'
import type { Rig } from './rig'
import type { Subject } from './subjects'

const MESSAGES = 5000
const WARM_UP = 500

/** How fast each empties a queue that was filled before, and the CPU that each process took for a message. */
export async function benchThroughput(rig: Rig, bare: Subject, flows: (Subject & { goal: Goal })[]): Promise<Figure[]> {
  const count = rig.options.quick ? MESSAGES / 10 : MESSAGES
  const subjects = [bare, ...flows]
  for (const subject of subjects) await emptyQueue(rig, subject, rig.options.quick ? WARM_UP / 10 : WARM_UP)
  const measures = subjects.map((subject) => () => emptyQueue(rig, subject, count))
  const [base, ...samples] = await measureInTurn(rig.options.rounds, ...measures)
  return [
    figure('the bare loop: CPU of its process', 'µs/message', base?.ownCpuUs ?? NaN),
    figure('the bare loop: memory', 'MB', base?.ownMb ?? NaN),
    ...flows.flatMap(({ label, goal }, index) => flowFigures(label, goal, samples[index] ?? {}, base ?? {})),
  ]
}

function flowFigures(label: string, goal: Goal, sample: Sample, base: Sample): Figure[] {
  const cpu = (name: string) => sample[`${name}CpuUs`] ?? NaN
  return [
    figure(`${label}: through`, 'messages/s', sample.perSecond ?? NaN, base.perSecond, goal),
    figure(`${label}: CPU of the engine`, 'µs/message', cpu('own'), base.ownCpuUs),
    figure(`${label}: CPU of the workers`, 'µs/message', cpu('workers')),
    figure(`${label}: CPU of Postgres`, 'µs/message', cpu('postgres')),
    figure(`${label}: CPU of the broker`, 'µs/message', cpu('broker'), base.brokerCpuUs),
    figure(`${label}: memory of the engine`, 'MB', sample.ownMb ?? NaN, base.ownMb),
    figure(`${label}: memory of the workers`, 'MB', sample.workersMb ?? NaN),
  ]
}

async function emptyQueue(rig: Rig, subject: Subject, count: number): Promise<Sample> {
  const { broker, administration } = rig
  await withClient(broker, async (client) => sendBatches(client.createSender(subject.queueName), count))
  const before = cpuNow(rig, subject)
  const emptied = secondsToEmpty(administration, subject.queueName, count)
  await subject.resume()
  const seconds = await emptied
  await subject.pause()
  const after = cpuNow(rig, subject)
  const memory = subject.memory()
  const perMessage = (name: keyof typeof after) => ((after[name] - before[name]) * 1000) / count
  return {
    perSecond: count / seconds,
    ownCpuUs: perMessage('own'),
    workersCpuUs: perMessage('workers'),
    postgresCpuUs: perMessage('postgres'),
    brokerCpuUs: perMessage('broker'),
    ownMb: memory.own,
    workersMb: memory.workers,
  }
}

function cpuNow({ postgres, broker }: Rig, subject: Subject) {
  return { ...subject.cpu(), postgres: postgres.readMs(), broker: cpuMsOf([broker.pid]) }
}
