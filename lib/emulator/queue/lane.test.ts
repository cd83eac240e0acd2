import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lane } from './lane'
import type { Lock, StoredMessage } from './message'
import type { MessageQueue } from './queue'
import { contentOf, makeQueue, TestConsumer } from './test-queue'

const START = 1_000_000

/** How many of a queue's messages, removed by `remove`, something still keeps in memory. */
async function keptOf(queue: MessageQueue, remove: () => void): Promise<number> {
  const before = queue.peek(0, Infinity).map((message) => [message.sequenceNumber, new WeakRef(message)] as const)
  remove()
  // A reference that was made or read in this turn is held until its end.
  await new Promise((resolve) => setImmediate(resolve))
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return before.filter(([number, message]) => message.deref() && !queue.store.get(number)).length
}

describe('a lane', () => {
  it('gives what was not removed, each once, the smallest number first', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: 'push' as const, which: 0 }) },
      fc.record({ kind: fc.constantFrom('shift' as const, 'put-back' as const, 'remove' as const), which: fc.nat(20) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const lane = new Lane()
        const waiting: StoredMessage[] = []
        const taken: StoredMessage[] = []
        let last = 0
        for (const { kind, which } of steps) {
          if (kind === 'push') {
            const message = { sequenceNumber: ++last } as StoredMessage
            waiting.push(message)
            lane.push(message)
          } else if (kind === 'shift') {
            const message = waiting.shift()
            expect(lane.shift()).toBe(message)
            if (message) taken.push(message)
          } else if (kind === 'remove') {
            const [message] = waiting.splice(which, 1)
            if (message) lane.remove(message)
          } else {
            const [message] = taken.splice(which, 1)
            if (!message) continue
            waiting.push(message)
            waiting.sort((a, b) => a.sequenceNumber - b.sequenceNumber)
            lane.putBack(message)
          }
          expect(lane.peek()).toBe(waiting[0])
        }
      }),
    )
  })

  it('gives the rest in order after most of many were removed from its middle', () => {
    const lane = new Lane()
    const messages = Array.from({ length: 5000 }, (_, index) => ({ sequenceNumber: index + 1 }) as StoredMessage)
    for (const message of messages) lane.push(message)
    for (let index = 0; index < 10; index++) lane.shift()
    for (const message of messages.slice(0, 10)) lane.putBack(message)
    for (const message of messages) if (message.sequenceNumber % 5 !== 1) lane.remove(message)
    const rest = messages.filter(({ sequenceNumber }) => sequenceNumber % 5 === 1)
    expect(Array.from(rest, () => lane.shift())).toEqual(rest)
    expect(lane.peek()).toBeUndefined()
  })

  it('keeps nothing of messages that expired while nobody received', async () => {
    const queue = makeQueue()
    queue.enqueue(
      Array.from({ length: 10 }, (_, index) => contentOf(index, { ttlMs: index % 3 === 0 ? undefined : 50 })),
      START,
    )
    expect(await keptOf(queue, () => queue.tick(START + 50))).toBe(0)
    expect(queue.store.size).toBe(4)
  })

  it('keeps nothing of messages that were purged, also of those that had come back', async () => {
    const queue = makeQueue()
    queue.enqueue(
      Array.from({ length: 10 }, (_, index) => contentOf(index)),
      START,
    )
    lockFourAbandonThree(queue)
    expect(await keptOf(queue, () => queue.purge(8, START))).toBe(0)
    expect(queue.store.size).toBe(2)
  })

  it('keeps nothing of messages that were dead-lettered and received from there', async () => {
    const queue = makeQueue({ defaultTimeToLiveMs: 50, deadLetteringOnExpiration: true })
    queue.enqueue([contentOf(1), contentOf(2)], START)
    const bodies = queue.peek(0, 2).map(({ body }) => new WeakRef(body))
    const remove = () => {
      queue.tick(START + 50)
      queue.deadLetters?.purge(2, START + 50)
    }
    expect(await keptOf(queue, remove)).toBe(0)
    expect(bodies.filter((body) => body.deref())).toHaveLength(0)
  })
})

function lockFourAbandonThree(queue: MessageQueue): void {
  const consumer = new TestConsumer('peek-lock', 4)
  queue.addConsumer(consumer)
  queue.pump(START)
  for (const { lock } of consumer.received.splice(0).slice(1)) {
    queue.settle(lock as Lock, { kind: 'abandon', counted: false }, START)
  }
}
