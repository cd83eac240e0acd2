import { describe, expect, it } from 'vitest'
import type { Lock } from './message'
import type { MessageQueue } from './queue'
import { contentOf, makeQueue, TestConsumer } from './test-queue'

const START = 1_000_000

function lastLock(consumer: TestConsumer): Lock {
  const lock = consumer.received.at(-1)?.lock
  if (!lock) throw new Error('nothing was delivered with a lock')
  return lock
}

describe('a queue', () => {
  it('gives messages in the order of their arrival, in turn to consumers with credit', () => {
    const queue = makeQueue()
    const [a, b] = [new TestConsumer('peek-lock', 2), new TestConsumer('peek-lock', 1)]
    queue.addConsumer(a)
    queue.addConsumer(b)
    queue.enqueue([contentOf(1), contentOf(2), contentOf(3), contentOf(4)], START)
    expect([a.received.length, b.received.length]).toEqual([2, 1])
    const order = [...a.received, ...b.received].map(({ message }) => message.sequenceNumber)
    expect(order.sort()).toEqual([1, 2, 3])
    expect(queue.lockCount).toBe(3)
  })

  it('puts an abandoned message back before those that came later', () => {
    const queue = makeQueue()
    const consumer = new TestConsumer('peek-lock', 1)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1), contentOf(2)], START)
    const lock = lastLock(consumer)
    queue.settle(lock, { kind: 'abandon', counted: true }, START)
    consumer.creditLeft = 2
    queue.pump(START)
    expect(consumer.received.map(({ message }) => message.sequenceNumber)).toEqual([1, 1, 2])
    expect(consumer.received[1]?.message.deliveryCount).toBe(1)
  })

  it('ends a lock exactly at its time', () => {
    const queue = makeQueue({ lockDurationMs: 100 })
    const consumer = new TestConsumer('peek-lock', 1)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1)], START)
    const lock = lastLock(consumer)
    expect(queue.findLock(lock.token, START + 99)).toBe(lock)
    expect(queue.findLock(lock.token, START + 100)).toBeUndefined()
    expect(queue.settle(lock, { kind: 'complete' }, START + 100)).toBe('message-lock-lost')
    queue.tick(START + 100)
    expect(queue.lockCount).toBe(0)
    expect(queue.store.get(1)?.deliveryCount).toBe(1)
  })

  it('keeps a renewed lock for the full duration again', () => {
    const queue = makeQueue({ lockDurationMs: 100 })
    const consumer = new TestConsumer('peek-lock', 2)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1), contentOf(2)], START)
    const first = consumer.received[0]?.lock as Lock
    expect(queue.renew(first, START + 50)).toBe(START + 150)
    queue.tick(START + 149)
    expect(queue.findLock(first.token, START + 149)).toBe(first)
    expect(queue.lockCount).toBe(1)
  })

  it('ends locks in the right order after the lock duration was shortened', () => {
    const queue = makeQueue({ lockDurationMs: 10_000 })
    const consumer = new TestConsumer('peek-lock', 2)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1)], START)
    queue.changeProperties({ ...queue.properties, lockDurationMs: 100 }, START)
    queue.enqueue([contentOf(2)], START)
    queue.changeProperties({ ...queue.properties, lockDurationMs: 100 }, START)
    queue.tick(START + 100)
    expect(queue.store.get(2)?.lock).toBeNull()
    expect(queue.store.get(1)?.lock).not.toBeNull()
  })

  it('dead-letters after the last delivery, with reason, source and what it was first enqueued as', () => {
    const queue = makeQueue({ maxDeliveryCount: 2 })
    const consumer = new TestConsumer('peek-lock', 2)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf('x', { application_properties: { kept: 1 } })], START)
    queue.settle(lastLock(consumer), { kind: 'abandon', counted: true }, START)
    queue.settle(lastLock(consumer), { kind: 'abandon', counted: true }, START + 5_000)
    expect(queue.store.size).toBe(0)
    const [dead] = queue.deadLetters?.peek(0, 10) ?? []
    const first = { enqueuedSequenceNumber: 1, enqueuedAtMs: START }
    expect(dead).toMatchObject({ deadLetterSource: 'q', ...first, deliveryCount: 2 })
    expect(dead?.applicationProperties?.toString('latin1')).toContain('MaxDeliveryCountExceeded')
    expect(dead?.applicationProperties?.toString('latin1')).toContain('kept')
  })

  it('does not count a delivery that the receiver released', () => {
    const queue = makeQueue({ maxDeliveryCount: 1 })
    const consumer = new TestConsumer('peek-lock', 1)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1)], START)
    queue.settle(lastLock(consumer), { kind: 'abandon', counted: false }, START)
    expect(queue.store.get(1)).toMatchObject({ deliveryCount: 0, lock: null })
  })

  it('gives a scheduled message a new number when it is due, and expires it from then on', () => {
    const queue = makeQueue()
    queue.enqueue([contentOf('later', { scheduledAtMs: START + 50, ttlMs: 10 }), contentOf('now')], START)
    queue.tick(START + 49)
    expect(queue.store.counts).toEqual({ active: 1, deferred: 0, scheduled: 1 })
    queue.tick(START + 50)
    expect(queue.store.get(3)).toMatchObject({ state: 'active', enqueuedSequenceNumber: 1 })
    queue.tick(START + 60)
    expect(queue.store.size).toBe(1)
  })

  it('expires a locked message only when its lock ends', () => {
    const queue = makeQueue({ lockDurationMs: 100 })
    const consumer = new TestConsumer('peek-lock', 2)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1, { ttlMs: 50 }), contentOf(2, { ttlMs: 50 })], START)
    const [first, second] = consumer.received.map(({ lock }) => lock as Lock) as [Lock, Lock]
    queue.tick(START + 60)
    expect(queue.settle(first, { kind: 'complete' }, START + 60)).toBe('settled')
    queue.settle(second, { kind: 'abandon', counted: true }, START + 60)
    expect(queue.store.size).toBe(0)
    expect(queue.deadLetters?.store.size).toBe(0)
  })

  it('refuses a settlement by a token of an earlier delivery', () => {
    const queue = makeQueue()
    const consumer = new TestConsumer('peek-lock', 2)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1)], START)
    const first = lastLock(consumer)
    queue.settle(first, { kind: 'abandon', counted: true }, START)
    expect(queue.settle(first, { kind: 'complete' }, START)).toBe('message-lock-lost')
    expect(queue.store.size).toBe(1)
  })

  it('takes several deferred messages or none', () => {
    const queue = makeQueue()
    const consumer = new TestConsumer('peek-lock', 2)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1), contentOf(2)], START)
    for (const { lock } of consumer.received) queue.settle(lock as Lock, { kind: 'defer' }, START)
    expect(queue.takeDeferred([1, 3], 'peek-lock', undefined, START)).toBeUndefined()
    expect(queue.lockCount).toBe(0)
    expect(queue.takeDeferred([1, 2], 'peek-lock', undefined, START)).toHaveLength(2)
    expect(queue.takeDeferred([1], 'peek-lock', undefined, START)).toBeUndefined()
  })

  it('keeps a deferred message deferred when its lock ends', () => {
    const queue = makeQueue({ lockDurationMs: 100 })
    const consumer = new TestConsumer('peek-lock', 5)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1)], START)
    queue.settle(lastLock(consumer), { kind: 'defer' }, START)
    queue.takeDeferred([1], 'peek-lock', undefined, START)
    queue.tick(START + 100)
    expect(queue.store.get(1)).toMatchObject({ state: 'deferred', lock: null, deliveryCount: 1 })
    expect(consumer.received).toHaveLength(1)
  })

  it('gives nothing while receiving is disabled, and everything afterwards', () => {
    const queue = makeQueue({ status: 'ReceiveDisabled' })
    const consumer = new TestConsumer('peek-lock', 1)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1)], START)
    expect(consumer.received).toHaveLength(0)
    queue.changeProperties({ ...queue.properties, status: 'Active' }, START)
    expect(consumer.received).toHaveLength(1)
  })

  it('forgets many messages that were removed while they waited', () => {
    const queue = makeQueue()
    queue.enqueue(
      Array.from({ length: 2500 }, (_, number) => contentOf(number)),
      START,
    )
    expect(queue.purge(2499, START)).toBe(2499)
    const consumer = new TestConsumer('receive-and-delete', 10)
    queue.addConsumer(consumer)
    queue.pump(START)
    expect(consumer.received.map(({ message }) => message.sequenceNumber)).toEqual([2500])
    expect(queue.store.size).toBe(0)
  })

  it('keeps nothing of messages with a time to live that were completed or received and deleted', () => {
    const queue = makeQueue({ defaultTimeToLiveMs: 60_000 })
    const [locking, deleting] = [new TestConsumer('peek-lock', 1), new TestConsumer('receive-and-delete', 1)]
    queue.addConsumer(locking)
    queue.addConsumer(deleting)
    queue.enqueue([contentOf(1), contentOf(2)], START)
    expect(deleting.received).toHaveLength(1)
    expect(queue.settle(lastLock(locking), { kind: 'complete' }, START)).toBe('settled')
    expect(queue.busy).toBe(false)
  })

  it('keeps nothing of a scheduled message that was cancelled', () => {
    const queue = makeQueue()
    queue.enqueue([contentOf('later', { scheduledAtMs: START + 50 })], START)
    expect(queue.busy).toBe(true)
    expect(queue.cancelScheduled([1])).toBe(true)
    expect(queue.busy).toBe(false)
  })

  it('does not give out a deferred message that has expired, but dead-letters it', () => {
    const queue = makeQueue({ deadLetteringOnExpiration: true })
    deferTwo(queue)
    expect(queue.takeDeferred([1], 'peek-lock', undefined, START + 49)).toHaveLength(1)
    queue.expireAllLocks(START + 49)
    expect(queue.store.counts.deferred).toBe(2)
    expect(queue.takeDeferred([2, 1], 'peek-lock', undefined, START + 50)).toBeUndefined()
    expect(queue.store.get(2)).toMatchObject({ state: 'deferred', lock: null })
    const dead = queue.deadLetters?.peek(0, 10) ?? []
    expect(dead).toMatchObject([{ enqueuedSequenceNumber: 1, state: 'active' }])
    expect(dead[0]?.applicationProperties?.toString('latin1')).toContain('TTLExpiredException')
  })

  it('drops an expired deferred message that is asked for, where expiry does not dead-letter', () => {
    const queue = makeQueue()
    deferTwo(queue)
    expect(queue.takeDeferred([1], 'receive-and-delete', undefined, START + 50)).toBeUndefined()
    expect([queue.store.size, queue.deadLetters?.store.size]).toEqual([1, 0])
  })

  it('ends locks at their time after the clock was set back', () => {
    const queue = makeQueue({ lockDurationMs: 100 })
    const consumer = new TestConsumer('peek-lock', 1)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1), contentOf(2)], START)
    const setBack = START - 3_600_000
    consumer.creditLeft = 1
    queue.pump(setBack)
    queue.tick(setBack + 100)
    expect(queue.store.get(2)).toMatchObject({ lock: null, deliveryCount: 1 })
    expect(queue.store.get(1)?.lock).not.toBeNull()
  })

  it('expires a message whose time was over while it was locked, when the clock was set back before the lock ended', () => {
    const queue = makeQueue({ defaultTimeToLiveMs: 50, deadLetteringOnExpiration: true })
    const consumer = new TestConsumer('peek-lock', 1)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf(1)], START)
    queue.tick(START + 50)
    queue.settle(lastLock(consumer), { kind: 'abandon', counted: true }, START - 3_600_000)
    queue.tick(START + 49)
    expect([queue.busy, queue.store.counts.active]).toEqual([true, 1])
    queue.tick(START + 50)
    expect([queue.store.size, queue.deadLetters?.store.size]).toEqual([0, 1])
  })
})

/** Two deferred messages; the first expires after 50 ms. */
function deferTwo(queue: MessageQueue): void {
  const consumer = new TestConsumer('peek-lock', 2)
  queue.addConsumer(consumer)
  queue.enqueue([contentOf(1, { ttlMs: 50 }), contentOf(2)], START)
  for (const { lock } of consumer.received) queue.settle(lock as Lock, { kind: 'defer' }, START)
}
