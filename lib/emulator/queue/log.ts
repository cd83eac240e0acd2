import type { StoredMessage } from './message'
import type { Session } from './session'

/** Where a message was before; both changes are one record, so that no crash leaves it in two places or none. */
export type FormerPlace = { queueId: number; sequenceNumber: number }

/** What a queue tells of its changes, so that they survive the process. All calls return at once. */
export type QueueLog = {
  stored(queueId: number, message: StoredMessage, former?: FormerPlace): void
  removed(queueId: number, sequenceNumber: number): void
  /** Delivery count, state or application properties changed. */
  changed(queueId: number, message: StoredMessage): void
  sessionState(queueId: number, session: Pick<Session, 'id' | 'state' | 'stateChangedAtMs'>): void
}

/** Keeps nothing. */
export const noLog: QueueLog = {
  stored() {},
  removed() {},
  changed() {},
  sessionState() {},
}
