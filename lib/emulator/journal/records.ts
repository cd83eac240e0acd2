import type { AccessKey } from '../access-keys'
import type { Entity } from '../entity'
import type { MessageState, StoredMessage } from '../queue/message'
import { DEFAULT_QUEUE_PROPERTIES, type QueueProperties } from '../queue/properties'
import type { Session } from '../queue/session'
import { encodeRecord, RECORD_TYPE } from './record'

/** The heads of all records but messages. */
export type QueueHead = {
  id: number
  dead: number
  name: string
  properties: Record<string, unknown>
  keys: AccessKey[]
  created: number
  updated: number
}
export type DroppedHead = { id: number }
export type RemovedHead = [queueId: number, sequenceNumber: number]
export type ChangedHead = { q: number; n: number; dc: number; st: MessageState; ap: boolean }
export type SessionHead = { q: number; id: string; state: boolean; at?: number }
export type SeenHead = { q: number; id: string; at: number }
export type SequenceHead = { q: number; last: number }

export function encodeQueue(entity: Entity): Buffer {
  const head: QueueHead = {
    id: entity.queue.id,
    dead: entity.deadLetters.id,
    name: entity.name,
    properties: entity.queue.properties,
    keys: entity.keys,
    created: entity.createdAtMs,
    updated: entity.updatedAtMs,
  }
  return encodeRecord(RECORD_TYPE.queue, head)
}

export function encodeQueueDropped(queueId: number): Buffer {
  const head: DroppedHead = { id: queueId }
  return encodeRecord(RECORD_TYPE.queueDropped, head)
}

export function encodeRemoved(queueId: number, sequenceNumber: number): Buffer {
  const head: RemovedHead = [queueId, sequenceNumber]
  return encodeRecord(RECORD_TYPE.removed, head)
}

export function encodeChanged(queueId: number, message: StoredMessage): Buffer {
  const { applicationProperties } = message
  const head: ChangedHead = {
    q: queueId,
    n: message.sequenceNumber,
    dc: message.deliveryCount,
    st: message.state,
    ap: applicationProperties !== null,
  }
  return encodeRecord(RECORD_TYPE.changed, head, applicationProperties ? [applicationProperties] : [])
}

export function encodeSessionState(
  queueId: number,
  { id, state, stateChangedAtMs }: Pick<Session, 'id' | 'state' | 'stateChangedAtMs'>,
): Buffer {
  const head: SessionHead = { q: queueId, id, state: state !== null, at: stateChangedAtMs }
  return encodeRecord(RECORD_TYPE.session, head, state ? [state] : [])
}

export function encodeSeen(queueId: number, messageId: string, seenAtMs: number): Buffer {
  const head: SeenHead = { q: queueId, id: messageId, at: seenAtMs }
  return encodeRecord(RECORD_TYPE.seen, head)
}

export function encodeSequence(queueId: number, last: number): Buffer {
  const head: SequenceHead = { q: queueId, last }
  return encodeRecord(RECORD_TYPE.sequence, head)
}

/** JSON turned Infinity into null; no setting is null otherwise. One that is younger than the record has its default. */
export function decodeProperties(properties: Record<string, unknown>): QueueProperties {
  const entries = Object.entries(properties).map(([name, value]) => [name, value === null ? Infinity : value])
  return { ...DEFAULT_QUEUE_PROPERTIES, ...Object.fromEntries(entries) }
}
