import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Entity } from '../entity'
import type { MessageQueue } from '../queue/queue'
import { fileNumbers, journalPath, snapshotPath, syncDirectory } from './files'
import type { Journal } from './journal'
import { encodeMessageRecord } from './message-record'
import { encodeQueue, encodeSeen, encodeSequence, encodeSessionState } from './records'

const SLICE_BYTES = 256 * 1024

/**
 * Writes what is alive into a snapshot and drops the older files, while the broker goes on. The journal is turned over
 * to a new file first; messages that change while the snapshot is written are in that file too, and replay sets values
 * only, so it does not matter which of their states the snapshot caught. A crash at any step leaves a readable set.
 */
export async function compactJournal(directory: string, journal: Journal, entities: Entity[]): Promise<void> {
  const number = await journal.rotate()
  const path = snapshotPath(directory, number)
  const file = openSync(`${path}.tmp`, 'w', 0o600)
  try {
    await writeSlices(file, snapshotRecords(entities))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.tmp`, path)
  syncDirectory(directory)
  for (const older of fileNumbers(directory, 'journal')) if (older < number) rmSync(journalPath(directory, older))
  for (const older of fileNumbers(directory, 'snapshot')) if (older < number) rmSync(snapshotPath(directory, older))
}

/** Between slices the event loop serves its connections. */
async function writeSlices(file: number, records: Iterable<Buffer>): Promise<void> {
  let slice: Buffer[] = []
  let bytes = 0
  for (const record of records) {
    slice.push(record)
    bytes += record.length
    if (bytes < SLICE_BYTES) continue
    writeSync(file, Buffer.concat(slice))
    slice = []
    bytes = 0
    await nextTurn()
  }
  writeSync(file, Buffer.concat(slice))
}

function* snapshotRecords(entities: Entity[]): Generator<Buffer> {
  for (const entity of entities) {
    yield encodeQueue(entity)
    yield* queueRecords(entity.queue)
    yield* queueRecords(entity.deadLetters)
  }
}

function* queueRecords(queue: MessageQueue): Generator<Buffer> {
  // Sequence numbers may never start again: receivers recognise messages by them.
  yield encodeSequence(queue.id, queue.store.lastSequenceNumber)
  for (const message of queue.store.from(0)) yield encodeMessageRecord(queue.id, message)
  for (const session of queue.sessions.all()) {
    if (session.state) yield encodeSessionState(queue.id, session)
  }
  for (const [messageId, seenAtMs] of queue.duplicates.entries()) yield encodeSeen(queue.id, messageId, seenAtMs)
}
