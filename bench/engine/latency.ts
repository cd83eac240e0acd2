import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../broker/rig'
import { type Figure, figure, type Goal } from '../report'
import { measureInTurn, quantile, type Sample } from '../rounds'
import type { Rig } from './rig'
import type { Subject } from './subjects'

const PER_SECOND = 100
const MESSAGES = 800
const WARM_UP = 50
const GOAL: Goal = { of: 'difference', atMost: 6 }

/** From the call of send to the broker's confirmation of the settlement. Both clocks are this machine's, to the ms. */
export async function benchLatency(rig: Rig, bare: Subject, flows: Subject[]): Promise<Figure[]> {
  const count = rig.options.quick ? MESSAGES / 4 : MESSAGES
  const measures = [bare, ...flows].map((subject) => () => sendEvenly(rig, subject, count))
  const [base, ...samples] = await measureInTurn(rig.options.rounds, ...measures)
  return flows.flatMap(({ label }, index) => [
    figure(`${label}: send to settled at ${PER_SECOND}/s, p50`, 'ms', samples[index]?.p50 ?? NaN, base?.p50, GOAL),
    figure(`${label}: send to settled at ${PER_SECOND}/s, p99`, 'ms', samples[index]?.p99 ?? NaN, base?.p99),
  ])
}

async function sendEvenly({ broker }: Rig, subject: Subject, count: number): Promise<Sample> {
  await subject.resume()
  const run = randomUUID()
  const sentAt = new Map<string, number>()
  const settledAt = await withClient(broker, async (client) => {
    const sender = client.createSender(subject.queueName)
    await sender.createMessageBatch()
    const sends: Promise<void>[] = []
    const startedAt = performance.now()
    for (let sent = 0; sent < count + WARM_UP; sent++) {
      await sleep(Math.max(0, startedAt + (sent * 1000) / PER_SECOND - performance.now()))
      const messageId = `${run}-${sent}`
      sentAt.set(messageId, performance.timeOrigin + performance.now())
      sends.push(sender.sendMessages({ messageId, body: { sent }, contentType: 'application/json' }))
    }
    await Promise.all(sends)
    return subject.settledAt([...sentAt.keys()])
  })
  await subject.pause()
  const latencies = [...sentAt].slice(WARM_UP).map(([id, at]) => (settledAt.get(id) ?? NaN) - at)
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}
