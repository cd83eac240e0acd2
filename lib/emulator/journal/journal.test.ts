import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newRootKey } from '../access-keys'
import { Namespace } from '../namespace'
import type { Lock, StoredMessage } from '../queue/message'
import { contentOf, TestConsumer } from '../queue/test-queue'
import { compactJournal } from './compaction'
import { crc32, crc32ByTable } from './crc32'
import { fileNumbers, journalPath } from './files'
import { Journal } from './journal'
import { journalStore } from './journal-store'
import { JournalDamagedError, openJournal } from './open-journal'
import { encodeRecord, MAX_RECORD_BYTES, RECORD_TYPE } from './record'

const START = 1_700_000_000_000

let directory: string
const failures: Error[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-journal-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
  expect(failures.splice(0)).toEqual([])
})

function open(salvage = false) {
  const { replay, number, notices } = openJournal(directory, salvage)
  const journal = new Journal({ directory, number, sync: true, onFailure: (error) => failures.push(error) })
  const namespace = new Namespace({
    name: 'n',
    keys: [newRootKey()],
    clock: () => START,
    store: journalStore(journal),
  })
  namespace.restore(replay.queues.values())
  return { namespace, journal, notices }
}

function queueOf(namespace: Namespace, name: string) {
  const found = namespace.find(name)
  if (!found) throw new Error(`there is no queue ${name}`)
  return found.queue
}

/** All that a receiver or an administrator could see of a namespace. */
function stateOf(namespace: Namespace) {
  return namespace.list().map(({ name, queue, deadLetters, keys }) => ({
    name,
    keys,
    properties: queue.properties,
    queues: [queue, deadLetters].map((one) => ({
      last: one.store.lastSequenceNumber,
      counts: one.store.counts,
      sizeBytes: one.store.sizeBytes,
      messages: one.peek(0, Infinity).map(comparable),
      seen: [...one.duplicates.entries()].sort(),
      sessions: [...one.sessions.all()].map(({ id, state, stateChangedAtMs }) => ({ id, state, stateChangedAtMs })),
    })),
  }))
}

/** What was told so far is in a file: the one that a compaction then leaves behind. */
function written(journal: Journal): Promise<void> {
  return new Promise((resolve) => journal.whenDurable(() => resolve()))
}

/** Buffers as text: comparing them byte by byte takes minutes. */
function comparable(message: StoredMessage) {
  const entries = Object.entries({ ...message, lock: null })
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Buffer.isBuffer(value) ? value.toString('latin1') : value]),
  )
}

/** A namespace with a message in every place. */
function fill(namespace: Namespace): void {
  const { queue } = namespace.createQueue('Main', { requiresDuplicateDetection: true, maxDeliveryCount: 2 }, [
    { name: 'k', key: 'v', rights: ['Send'] },
  ])
  const consumer = new TestConsumer('peek-lock', 6)
  queue.addConsumer(consumer)
  const properties = { application_properties: { number: 1 } }
  queue.enqueue(
    ['complete', 'abandon', 'defer', 'dead', 'twice', 'locked'].map((id) =>
      contentOf(id, { ...properties, message_id: id }),
    ),
    START,
  )
  const lockOf = (id: string) =>
    consumer.received.filter(({ message }) => message.messageId === id).at(-1)?.lock as Lock
  queue.settle(lockOf('complete'), { kind: 'complete' }, START)
  queue.settle(lockOf('abandon'), { kind: 'abandon', counted: true, properties: { more: 'yes' } }, START)
  queue.settle(lockOf('defer'), { kind: 'defer' }, START)
  queue.settle(lockOf('dead'), { kind: 'dead-letter', reason: 'r', description: 'd' }, START)
  queue.enqueue([contentOf('later', { scheduledAtMs: START + 60_000, ttlMs: 1000, message_id: 'later' })], START)
  const sessions = namespace.createQueue('sessions', { requiresSession: true }).queue
  sessions.enqueue([contentOf(1, { group_id: 's' })], START)
  sessions.sessionLocks.accept('s', new TestConsumer(), 0, START, (accepted) => {
    if ('session' in accepted) sessions.setSessionState(accepted.session, Buffer.from('state'), START)
  })
  const emptied = namespace.createQueue('emptied').queue
  emptied.enqueue([contentOf(1), contentOf(2)], START)
  emptied.purge(2, START)
  namespace.deleteQueue(namespace.createQueue('gone'))
}

describe('the journal', () => {
  it('brings everything back as it was', async () => {
    const first = open()
    fill(first.namespace)
    const before = stateOf(first.namespace)
    await first.journal.close()
    const second = open()
    expect(stateOf(second.namespace)).toEqual(before)
    await second.journal.close()
  })

  it('brings the same back after a compaction, from fewer files, and never gives a number twice', async () => {
    const first = open()
    fill(first.namespace)
    await written(first.journal)
    await compactJournal(directory, first.journal, first.namespace.list())
    const before = stateOf(first.namespace)
    await first.journal.close()
    expect(fileNumbers(directory, 'journal')).toEqual([2])
    expect(fileNumbers(directory, 'snapshot')).toEqual([2])
    const second = open()
    expect(stateOf(second.namespace)).toEqual(before)
    await second.journal.close()
  })

  it('gives a queue of a record from before a setting was there its default', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('q', { maxDeliveryCount: 3, enableBatchedOperations: undefined })
    expect(queue.properties.enableBatchedOperations).toBeUndefined()
    await first.journal.close()
    const second = open()
    const { properties } = queueOf(second.namespace, 'q')
    expect(properties).toMatchObject({ maxDeliveryCount: 3, enableBatchedOperations: true })
    await second.journal.close()
  })

  it('does not take the time at which a scheduled message was due for the one at which its id was first seen', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('q', {
      requiresDuplicateDetection: true,
      duplicateDetectionWindowMs: 60_000,
    })
    const later = contentOf('later', { message_id: 'later', scheduledAtMs: START + 50_000 })
    queue.enqueue([later], START)
    queue.tick(START + 50_000)
    queue.tick(START + 60_000)
    expect(queue.store.counts).toMatchObject({ active: 1, scheduled: 0 })
    await written(first.journal)
    await compactJournal(directory, first.journal, first.namespace.list())
    await first.journal.close()
    const second = open()
    const [again] = queueOf(second.namespace, 'q').enqueue([later], START + 60_001)
    expect(again?.state).toBe('active')
    await second.journal.close()
  })

  it('loses nothing of what happens while it is compacted', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('busy', { maxDeliveryCount: 2 })
    const consumer = new TestConsumer('peek-lock', 0)
    queue.addConsumer(consumer)
    const content = contentOf('x'.repeat(2000))
    queue.enqueue(Array(3000).fill(content), START)
    await written(first.journal)
    let done = false
    const compaction = compactJournal(directory, first.journal, first.namespace.list()).then(() => {
      done = true
    })
    for (let turn = 0; !done; turn++) {
      // Enough at once that the store compacts its own list while the snapshot walks along it.
      if (turn === 5) queue.purge(1500, START)
      queue.enqueue([content], START)
      consumer.creditLeft = 4
      queue.pump(START)
      const locks = consumer.received.splice(0).map(({ lock }) => lock as Lock)
      const settlements = [
        { kind: 'complete' },
        { kind: 'defer' },
        { kind: 'abandon', counted: true },
        { kind: 'dead-letter', reason: 'r', description: 'd' },
      ] as const
      locks.forEach((lock, index) => {
        queue.settle(lock, settlements[index % 4] as (typeof settlements)[number], START)
      })
      await new Promise((resolve) => setImmediate(resolve))
    }
    await compaction
    const before = stateOf(first.namespace)
    await first.journal.close()
    const second = open()
    expect(stateOf(second.namespace)).toEqual(before)
    await second.journal.close()
  })

  it('counts changed properties in sizes, also of a snapshot that did not yet', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('q')
    const consumer = new TestConsumer('peek-lock', 1)
    queue.addConsumer(consumer)
    queue.enqueue([contentOf('small')], START)
    const { lock, message } = consumer.received[0] as { lock: Lock; message: StoredMessage }
    const sentBytes = message.sizeBytes
    queue.settle(lock, { kind: 'defer', properties: { text: 'x'.repeat(10_000) } }, START)
    const grownBytes = queue.store.sizeBytes
    expect(grownBytes).toBeGreaterThan(10_000)
    await first.journal.close()
    const second = open()
    const restored = queueOf(second.namespace, 'q')
    expect(restored.store.sizeBytes).toBe(grownBytes)
    const [uncounted] = restored.peek(0, 1) as [StoredMessage]
    uncounted.sizeBytes = sentBytes
    await compactJournal(directory, second.journal, second.namespace.list())
    await second.journal.close()
    const third = open()
    const { sizeBytes } = queueOf(third.namespace, 'q').store
    expect(sizeBytes).toBeGreaterThan(10_000)
    expect(sizeBytes).toBeLessThanOrEqual(grownBytes)
    await third.journal.close()
  })

  it('writes no record that it could not read back', () => {
    const limitBytes = MAX_RECORD_BYTES - encodeRecord(RECORD_TYPE.session, {}).length
    expect(() => encodeRecord(RECORD_TYPE.session, {}, [Buffer.alloc(limitBytes)])).not.toThrow()
    expect(() => encodeRecord(RECORD_TYPE.session, {}, [Buffer.alloc(limitBytes + 100)])).toThrow(
      /can not be read back/,
    )
  })

  it('survives a crash at every step of a compaction', async () => {
    const first = open()
    fill(first.namespace)
    await first.journal.rotate()
    queueOf(first.namespace, 'main').enqueue([contentOf('after', { message_id: 'after' })], START)
    const before = stateOf(first.namespace)
    await first.journal.close()
    writeFileSync(join(directory, 'snapshot-2.log.tmp'), 'an unfinished snapshot')
    const second = open()
    expect(stateOf(second.namespace)).toEqual(before)
    await second.journal.close()
  })

  it('cuts off a torn end at any byte, says so, keeps each, and goes on from there', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('q')
    queue.enqueue([contentOf('whole')], START)
    await written(first.journal)
    const path = journalPath(directory, 1)
    const wholeBytes = first.journal.sizeBytes
    queue.enqueue([contentOf('torn')], START)
    await first.journal.close()
    const full = readFileSync(path)
    const cuts: Buffer[] = []
    for (let bytes = full.length - 1; bytes > wholeBytes; bytes -= 7) {
      writeFileSync(path, full.subarray(0, bytes))
      const again = open()
      expect(again.notices).toEqual([expect.stringContaining(`from byte ${wholeBytes} on`)])
      cuts.push(full.subarray(wholeBytes, bytes))
      expect(queueOf(again.namespace, 'q').store.size).toBe(1)
      await again.journal.close()
      expect(statSync(path).size).toBe(wholeBytes)
    }
    expect(cuts.length).toBeGreaterThan(2)
    cuts.forEach((cut, index) => {
      const number = index === 0 ? '' : `-${index + 1}`
      expect(readFileSync(`${path}.cut-${wholeBytes}${number}`)).toEqual(cut)
    })
    appendFileSync(path, Buffer.alloc(4096))
    const again = open()
    expect(queueOf(again.namespace, 'q').store.size).toBe(1)
    await again.journal.close()
  })

  it('keeps what it cuts off, and does not say that nothing of it was acknowledged: damage may look like a torn end', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('q')
    queue.enqueue([contentOf('whole')], START)
    await written(first.journal)
    const path = journalPath(directory, 1)
    const damagedAt = first.journal.sizeBytes
    queue.enqueue([contentOf('acknowledged')], START)
    await first.journal.close()
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 0xff
    writeFileSync(path, bytes)
    const again = open()
    expect(again.notices).toEqual([expect.stringMatching(/may be in it.*backup/)])
    expect(readFileSync(`${path}.cut-${damagedAt}`)).toEqual(bytes.subarray(damagedAt))
    await again.journal.close()
  })

  it('does not start on damage in the middle, names the byte, and salvages what stands before on request', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('q')
    queue.enqueue([contentOf('before')], START)
    await written(first.journal)
    const path = journalPath(directory, 1)
    const damagedAt = first.journal.sizeBytes
    queue.enqueue([contentOf('damaged'), contentOf('after')], START)
    await first.journal.close()
    const bytes = readFileSync(path)
    bytes[damagedAt + 40] = (bytes[damagedAt + 40] as number) ^ 0xff
    writeFileSync(path, bytes)
    expect(() => open()).toThrow(JournalDamagedError)
    expect(() => open()).toThrow(new RegExp(`damaged at byte ${damagedAt}.*--salvage`))
    const salvaged = open(true)
    expect(queueOf(salvaged.namespace, 'q').store.size).toBe(1)
    expect(readFileSync(`${path}.damaged`)).toEqual(bytes)
    await salvaged.journal.close()
    const damagedAgain = Buffer.from(bytes).fill(0xff, damagedAt + 40, damagedAt + 44)
    writeFileSync(path, damagedAgain)
    const again = open(true)
    expect(again.notices).toEqual([expect.stringContaining(`the damaged file is ${path}.damaged-2.`)])
    expect(readFileSync(`${path}.damaged-2`)).toEqual(damagedAgain)
    expect(readFileSync(`${path}.damaged`)).toEqual(bytes)
    await again.journal.close()
  })

  it('does not start on a damaged file that is not the last one', async () => {
    const first = open()
    fill(first.namespace)
    await written(first.journal)
    await first.journal.rotate()
    await first.journal.close()
    truncateSync(journalPath(directory, 1), statSync(journalPath(directory, 1)).size - 3)
    expect(() => open()).toThrow(JournalDamagedError)
  })

  it('calls back only when what was appended before is in the file', async () => {
    const { journal } = open()
    const record = Buffer.alloc(1000, 1)
    for (let round = 1; round <= 20; round++) {
      journal.append(record)
      await new Promise<void>((resolve) => journal.whenDurable(() => resolve()))
      const there = readFileSync(journalPath(directory, 1)).subarray(0, round * record.length)
      expect(there).toEqual(Buffer.alloc(round * record.length, 1))
    }
    await journal.close()
  })

  it('reserves room ahead, gives it back at the end, and finds its records behind which a crash left some', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('q')
    const path = journalPath(directory, 1)
    for (let number = 0; number < 30; number++) {
      queue.enqueue([contentOf('x'.repeat(10_000))], START)
      await written(first.journal)
    }
    const crashed = readFileSync(path)
    expect(crashed.length).toBeGreaterThan(first.journal.sizeBytes)
    await first.journal.close()
    expect(readFileSync(path)).toEqual(crashed.subarray(0, first.journal.sizeBytes))
    writeFileSync(path, crashed)
    const again = open()
    expect(again.notices).toEqual([])
    expect(queueOf(again.namespace, 'q').store.size).toBe(30)
    queueOf(again.namespace, 'q').enqueue([contentOf('after')], START)
    await again.journal.close()
    const last = open()
    expect(queueOf(last.namespace, 'q').store.size).toBe(31)
    await last.journal.close()
  })

  it('does not take zeros before a good record for room', async () => {
    const first = open()
    const { queue } = first.namespace.createQueue('q')
    await written(first.journal)
    const damagedAt = first.journal.sizeBytes
    queue.enqueue([contentOf('zeroed')], START)
    const zeroedTo = first.journal.sizeBytes
    queue.enqueue([contentOf('after')], START)
    await first.journal.close()
    const path = journalPath(directory, 1)
    writeFileSync(path, readFileSync(path).fill(0, damagedAt, zeroedTo))
    expect(() => open()).toThrow(new RegExp(`damaged at byte ${damagedAt}`))
  })
})

describe('the checksum', () => {
  it('is the same with and without Node’s own', () => {
    for (const text of ['', '123456789', 'x'.repeat(1000)]) {
      expect(crc32ByTable(Buffer.from(text))).toBe(crc32(Buffer.from(text)))
    }
    expect(crc32ByTable(Buffer.from('123456789'))).toBe(0xcbf43926)
  })
})
