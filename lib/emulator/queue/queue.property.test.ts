import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FormerPlace, QueueLog } from './log'
import type { Lock, StoredMessage } from './message'
import type { MessageQueue } from './queue'
import type { Session } from './session'
import { contentOf, makeQueue, TestConsumer } from './test-queue'

const LOCK_MS = 100
const SESSION_IDS = ['a', 'b', 'c']

/** Small numbers pick one of what there is, whatever that is at the time. */
const pick = fc.nat({ max: 20 })

const operation = fc.oneof(
  fc.record({
    kind: fc.constant('send' as const),
    session: fc.nat({ max: 2 }),
    ttlMs: fc.option(fc.constantFrom(40, 250), { nil: undefined, freq: 3 }),
    delayMs: fc.option(fc.constantFrom(30, 150), { nil: undefined, freq: 3 }),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ kind: fc.constant('credit' as const), consumer: fc.nat({ max: 2 }), credit: fc.nat({ max: 3 }) }),
  fc.record({
    kind: fc.constant('settle' as const),
    delivery: pick,
    how: fc.constantFrom('complete', 'abandon', 'release', 'defer', 'dead-letter'),
  }),
  fc.record({ kind: fc.constant('renew' as const), delivery: pick }),
  fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(1, 20, 60, 120, -80) }),
  fc.record({ kind: fc.constant('take-deferred' as const), message: pick, remove: fc.boolean() }),
  fc.record({ kind: fc.constant('cancel' as const), message: pick }),
  fc.record({ kind: fc.constant('accept' as const), consumer: fc.nat({ max: 2 }), session: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant('leave' as const), consumer: fc.nat({ max: 2 }) }),
  fc.record({ kind: fc.constant('expire-locks' as const) }),
)

type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never

/** What the log says is where: the state that a restart would bring back. */
class LogReplica implements QueueLog {
  readonly places = new Map<number, Map<number, StoredMessage>>([
    [1, new Map()],
    [2, new Map()],
  ])
  accepted = 0
  gone = 0

  stored(queueId: number, message: StoredMessage, former?: FormerPlace): void {
    if (former) {
      assert(this.places.get(former.queueId)?.delete(former.sequenceNumber), 'it was there')
    } else this.accepted++
    assert(!this.places.get(queueId)?.has(message.sequenceNumber), 'its number is new')
    this.places.get(queueId)?.set(message.sequenceNumber, message)
  }

  removed(queueId: number, sequenceNumber: number): void {
    assert(this.places.get(queueId)?.delete(sequenceNumber), 'it was there')
    this.gone++
  }

  changed(queueId: number, message: StoredMessage): void {
    assert(this.places.get(queueId)?.has(message.sequenceNumber), 'it is there')
  }

  sessionState(): void {}
}

/** Drives a queue and checks after every step what must always hold. */
class Run {
  readonly log = new LogReplica()
  readonly queue: MessageQueue
  readonly consumers = [new TestConsumer(), new TestConsumer(), new TestConsumer('receive-and-delete')]
  readonly held = new Map<TestConsumer, Session>()
  readonly asking = new Set<TestConsumer>()
  nowMs = 1_000_000

  constructor(private readonly hasSessions: boolean) {
    this.queue = makeQueue(
      {
        requiresSession: hasSessions,
        lockDurationMs: LOCK_MS,
        maxDeliveryCount: 3,
        deadLetteringOnExpiration: true,
      },
      this.log,
    )
    if (!hasSessions) for (const consumer of this.consumers) this.queue.addConsumer(consumer)
  }

  step(op: Operation): void {
    switch (op.kind) {
      case 'send':
        this.queue.enqueue(
          Array.from({ length: op.count }, () => this.#content(op)),
          this.nowMs,
        )
        break
      case 'credit':
        this.#consumer(op.consumer).creditLeft = op.credit
        this.queue.pump(this.nowMs)
        break
      case 'settle':
        this.#settle(op.delivery, op.how)
        break
      case 'renew': {
        const lock = this.#delivery(op.delivery)
        if (lock && this.queue.findLock(lock.token, this.nowMs) && !lock.session) this.queue.renew(lock, this.nowMs)
        break
      }
      case 'time':
        this.nowMs += op.ms
        this.queue.tick(this.nowMs)
        break
      case 'take-deferred': {
        const message = [...this.queue.store.from(0)][op.message]
        const mode = op.remove ? 'receive-and-delete' : 'peek-lock'
        if (message) this.queue.takeDeferred([message.sequenceNumber], mode, message.sessionId, this.nowMs)
        break
      }
      case 'cancel': {
        const message = [...this.queue.store.from(0)][op.message]
        if (message) this.queue.cancelScheduled([message.sequenceNumber])
        break
      }
      case 'accept':
        this.#accept(this.#consumer(op.consumer), SESSION_IDS[op.session] ?? null)
        break
      case 'leave':
        this.#leave(this.#consumer(op.consumer))
        break
      case 'expire-locks':
        this.queue.expireAllLocks(this.nowMs)
    }
  }

  /** Plain assertions: this runs tens of thousands of times. */
  check(): void {
    for (const queue of [this.queue, this.queue.deadLetters as MessageQueue]) {
      const messages = [...queue.store.from(0)]
      const places = this.log.places.get(queue.id) as Map<number, StoredMessage>
      assert.equal(messages.length, queue.store.size, 'the store counts what it has')
      assert.equal(places.size, messages.length, 'the log knows as many messages')
      const counts = { active: 0, deferred: 0, scheduled: 0 }
      let sizeBytes = 0
      let locked = 0
      for (const message of messages) {
        assert(places.has(message.sequenceNumber), 'the log knows each message')
        counts[message.state]++
        sizeBytes += message.sizeBytes
        if (!message.lock) continue
        locked++
        assert(message.lock.held && message.lock.message === message, 'a lock belongs to its message')
        assert(message.lock.untilMs > this.nowMs, 'a lock that is over has ended')
        if (message.lock.session) assert(message.lock.session.holder, 'a lock in a session has an owner')
      }
      assert.deepEqual(counts, queue.store.counts)
      assert.equal(sizeBytes, queue.store.sizeBytes)
      assert.equal(locked, queue.lockCount)
    }
    const there = this.queue.store.size + (this.queue.deadLetters?.store.size ?? 0)
    assert.equal(there + this.log.gone, this.log.accepted, 'every accepted message is in one place or gone')
  }

  /** Everything that waits can be received, each message once and, within a session, in order. */
  drain(): void {
    this.nowMs += LOCK_MS
    this.queue.tick(this.nowMs)
    for (const consumer of this.consumers) this.#leave(consumer)
    if (!this.hasSessions) for (const consumer of this.consumers) this.queue.removeConsumer(consumer)
    const waiting = [...this.queue.store.from(0)].filter(
      (message) => message.state === 'active' && !message.lock && message.expiresAtMs > this.nowMs,
    )
    const received = this.hasSessions ? this.#drainSessions() : this.#drainQueue()
    expect(received.map((message) => message.sequenceNumber).sort((a, b) => a - b)).toEqual(
      waiting.map((message) => message.sequenceNumber),
    )
  }

  #drainQueue(): StoredMessage[] {
    const consumer = new TestConsumer('receive-and-delete', Infinity)
    this.queue.addConsumer(consumer)
    this.queue.pump(this.nowMs)
    return consumer.received.map(({ message }) => message)
  }

  #drainSessions(): StoredMessage[] {
    return SESSION_IDS.flatMap((id) => {
      const consumer = new TestConsumer('receive-and-delete', Infinity)
      this.queue.sessionLocks.accept(id, consumer, 0, this.nowMs, (accepted) => {
        if ('session' in accepted) this.queue.pumpSession(accepted.session, this.nowMs)
      })
      const numbers = consumer.received.map(({ message }) => message.sequenceNumber)
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      return consumer.received.map(({ message }) => message)
    })
  }

  #content(op: Extract<Operation, { kind: 'send' }>) {
    return contentOf('x', {
      ...(this.hasSessions && { group_id: SESSION_IDS[op.session] }),
      ...(op.ttlMs !== undefined && { ttlMs: op.ttlMs }),
      ...(op.delayMs !== undefined && { scheduledAtMs: this.nowMs + op.delayMs }),
    })
  }

  #settle(index: number, how: string): void {
    const lock = this.#delivery(index)
    if (!lock) return
    const holds = lock.held && lock.untilMs > this.nowMs
    const settlement =
      how === 'abandon' || how === 'release'
        ? ({ kind: 'abandon', counted: how === 'abandon', properties: { seen: true } } as const)
        : how === 'dead-letter'
          ? ({ kind: 'dead-letter', reason: 'r', description: 'd' } as const)
          : ({ kind: how as 'complete' | 'defer' } as const)
    assert.equal(this.queue.settle(lock, settlement, this.nowMs) === 'settled', holds)
  }

  #accept(consumer: TestConsumer, sessionId: string | null): void {
    // A receiver asks for one session; one that had two would leave only the last of them.
    if (!this.hasSessions || this.held.has(consumer) || this.asking.has(consumer)) return
    this.asking.add(consumer)
    this.queue.sessionLocks.accept(sessionId, consumer, 50, this.nowMs, (accepted) => {
      this.asking.delete(consumer)
      if ('session' in accepted) this.held.set(consumer, accepted.session)
    })
  }

  #leave(consumer: TestConsumer): void {
    const session = this.held.get(consumer)
    this.held.delete(consumer)
    consumer.creditLeft = 0
    this.queue.sessions.removeWaiter(consumer)
    this.asking.delete(consumer)
    if (session) this.queue.sessionLocks.release(session, consumer, this.nowMs)
  }

  #consumer(index: number): TestConsumer {
    return this.consumers[index] as TestConsumer
  }

  #delivery(index: number): Lock | undefined {
    const locks = this.consumers.flatMap((consumer) => consumer.received.flatMap(({ lock }) => lock ?? []))
    return locks.at(-1 - index)
  }
}

describe.each([
  ['without sessions', false],
  ['with sessions', true],
])('a queue %s, whatever happens,', (_, hasSessions) => {
  it('has each accepted message in exactly one place, counts right and gives the rest out in order', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 15, maxLength: 60, size: 'max' }), (operations) => {
        const run = new Run(hasSessions)
        for (const op of operations) {
          run.step(op)
          run.check()
        }
        run.drain()
        run.check()
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 150) },
    )
  })
})
