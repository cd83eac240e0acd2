import { describe, expect, it } from 'vitest'
import type { Lock, Settlement } from './message'
import { sizeAfter } from './message-course'
import { contentOf, makeQueue, TestConsumer } from './test-queue'

const START = 1_000_000
const KILOBYTE = 1024

function lockOne() {
  const queue = makeQueue({ maxDeliveryCount: 2 })
  const consumer = new TestConsumer('peek-lock', 1)
  queue.addConsumer(consumer)
  queue.enqueue([contentOf('body', { application_properties: { kept: 'yes' } })], START)
  const lock = consumer.received[0]?.lock as Lock
  return { queue, lock, sentBytes: lock.message.sizeBytes }
}

describe('the size of a message', () => {
  it.each<Settlement>([
    { kind: 'abandon', counted: true, properties: { text: 'x'.repeat(KILOBYTE) } },
    { kind: 'defer', properties: { text: 'x'.repeat(KILOBYTE) } },
    { kind: 'dead-letter', reason: 'x'.repeat(KILOBYTE), description: undefined, properties: {} },
    { kind: 'dead-letter', reason: 'r', description: 'd', properties: { text: 'x'.repeat(KILOBYTE) } },
  ])('counts what a settlement adds: $kind', (settlement) => {
    const { queue, lock, sentBytes } = lockOne()
    const expected = sizeAfter(lock.message, settlement)
    queue.settle(lock, settlement, START)
    const holder = settlement.kind === 'dead-letter' ? queue.deadLetters : queue
    const [message] = holder?.peek(0, 1) ?? []
    expect(message?.sizeBytes).toBe(expected)
    expect(expected - sentBytes).toBeGreaterThan(KILOBYTE)
    expect(holder?.store.sizeBytes).toBe(expected)
    expect(queue.store.sizeBytes + (queue.deadLetters?.store.sizeBytes ?? 0)).toBe(expected)
  })

  it('counts what a later change takes away again, and nothing when all are gone', () => {
    const { queue, lock, sentBytes } = lockOne()
    queue.settle(lock, { kind: 'defer', properties: { text: 'x'.repeat(KILOBYTE) } }, START)
    queue.takeDeferred([1], 'peek-lock', undefined, START)
    const again = queue.store.get(1)?.lock as Lock
    queue.settle(again, { kind: 'abandon', counted: true, properties: { text: '' } }, START)
    expect(queue.store.sizeBytes).toBeLessThan(sentBytes + 50)
    queue.takeDeferred([1], 'receive-and-delete', undefined, START)
    expect(queue.store.sizeBytes).toBe(0)
  })

  it.each<Settlement>([
    { kind: 'complete' },
    { kind: 'abandon', counted: true },
    { kind: 'abandon', counted: false, properties: {} },
    { kind: 'defer' },
  ])('stays with a settlement that adds nothing: $kind', (settlement) => {
    const { lock, sentBytes } = lockOne()
    expect(sizeAfter(lock.message, settlement)).toBe(sentBytes)
  })
})
