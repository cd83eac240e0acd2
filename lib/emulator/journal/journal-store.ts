import type { Entity } from '../entity'
import type { NamespaceStore } from '../namespace'
import { noLog } from '../queue/log'
import type { Journal } from './journal'
import { encodeMessageRecord } from './message-record'
import { encodeChanged, encodeQueue, encodeQueueDropped, encodeRemoved, encodeSessionState } from './records'

/** Tells the journal of every change of the namespace. */
export function journalStore(journal: Journal): NamespaceStore {
  return {
    stored: (queueId, message, former) => journal.append(encodeMessageRecord(queueId, message, former)),
    removed: (queueId, sequenceNumber) => journal.append(encodeRemoved(queueId, sequenceNumber)),
    changed: (queueId, message) => journal.append(encodeChanged(queueId, message)),
    sessionState: (queueId, session) => journal.append(encodeSessionState(queueId, session)),
    queueSaved: (entity: Entity) => journal.append(encodeQueue(entity)),
    queueDropped: (queueId) => journal.append(encodeQueueDropped(queueId)),
    whenDurable: (done) => journal.whenDurable(done),
  }
}

/** Keeps nothing: everything counts as durable at once. */
export const memoryStore: NamespaceStore = {
  ...noLog,
  queueSaved() {},
  queueDropped() {},
  whenDurable: (done) => done(),
}
