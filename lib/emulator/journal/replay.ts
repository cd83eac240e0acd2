import type { StoredMessage } from '../queue/message'
import { decodeMessageRecord } from './message-record'
import { decodeBody, RECORD_TYPE } from './record'
import {
  type ChangedHead,
  type DroppedHead,
  decodeProperties,
  type QueueHead,
  type RemovedHead,
  type SeenHead,
  type SequenceHead,
  type SessionHead,
} from './records'
import { emptyContents, type RestoredContents, type RestoredQueue } from './restored-state'

/**
 * Builds the namespace's state from records. Every record may come twice (a snapshot is written while the journal goes
 * on), so each one sets values and adds none.
 */
export class Replay {
  readonly queues = new Map<number, RestoredQueue>()
  #contents = new Map<number, { contents: RestoredContents; queue: RestoredQueue }>()
  records = 0

  apply(body: Buffer): void {
    const { type, head, blob } = decodeBody(body)
    this.records++
    switch (type) {
      case RECORD_TYPE.queue:
        this.#saveQueue(head as QueueHead)
        break
      case RECORD_TYPE.queueDropped:
        this.#dropQueue(head as DroppedHead)
        break
      case RECORD_TYPE.message:
        this.#storeMessage(head, blob)
        break
      case RECORD_TYPE.removed: {
        const [queueId, sequenceNumber] = head as RemovedHead
        this.#contents.get(queueId)?.contents.messages.delete(sequenceNumber)
        break
      }
      case RECORD_TYPE.changed:
        this.#changeMessage(head as ChangedHead, blob)
        break
      case RECORD_TYPE.session: {
        const { q, id, state, at } = head as SessionHead
        const kept = { state: state ? Buffer.from(blob) : null, changedAtMs: at ?? 0 }
        this.#contents.get(q)?.contents.sessions.set(id, kept)
        break
      }
      case RECORD_TYPE.seen: {
        const { q, id, at } = head as SeenHead
        this.#contents.get(q)?.contents.seen.set(id, at)
        break
      }
      case RECORD_TYPE.sequence: {
        const { q, last } = head as SequenceHead
        raiseSequence(this.#contents.get(q)?.contents, last)
      }
    }
  }

  #saveQueue(head: QueueHead): void {
    const known = this.queues.get(head.id)
    const queue: RestoredQueue = {
      id: head.id,
      deadLetterId: head.dead,
      name: head.name,
      properties: decodeProperties(head.properties),
      keys: head.keys,
      createdAtMs: head.created,
      updatedAtMs: head.updated,
      main: known?.main ?? emptyContents(),
      dead: known?.dead ?? emptyContents(),
    }
    this.queues.set(head.id, queue)
    this.#contents.set(head.id, { contents: queue.main, queue })
    this.#contents.set(head.dead, { contents: queue.dead, queue })
  }

  #dropQueue(head: DroppedHead): void {
    const queue = this.queues.get(head.id)
    if (!queue) return
    this.queues.delete(queue.id)
    this.#contents.delete(queue.id)
    this.#contents.delete(queue.deadLetterId)
  }

  #storeMessage(head: unknown, blob: Buffer): void {
    const { queueId, message, former } = decodeMessageRecord(head, blob)
    if (former) this.#contents.get(former.queueId)?.contents.messages.delete(former.sequenceNumber)
    const place = this.#contents.get(queueId)
    if (!place) return
    place.contents.messages.set(message.sequenceNumber, message)
    raiseSequence(place.contents, message.sequenceNumber)
    rememberId(place, message)
  }

  #changeMessage(head: ChangedHead, blob: Buffer): void {
    const message = this.#contents.get(head.q)?.contents.messages.get(head.n)
    if (!message) return
    message.deliveryCount = head.dc
    message.state = head.st
    const formerBytes = message.applicationProperties?.length ?? 0
    message.applicationProperties = head.ap ? Buffer.from(blob) : null
    message.sizeBytes += blob.length - formerBytes
  }
}

function raiseSequence(contents: RestoredContents | undefined, last: number): void {
  if (contents) contents.lastSequenceNumber = Math.max(contents.lastSequenceNumber, last)
}

/** A message was seen when it first came. One that was moved has another number since, and another time too when it was due. */
function rememberId(place: { contents: RestoredContents; queue: RestoredQueue }, message: StoredMessage): void {
  const wasMoved = message.sequenceNumber !== message.enqueuedSequenceNumber
  if (wasMoved || !place.queue.properties.requiresDuplicateDetection || place.contents === place.queue.dead) return
  const seenAtMs = place.contents.seen.get(message.messageId) ?? 0
  place.contents.seen.set(message.messageId, Math.max(seenAtMs, message.enqueuedAtMs))
}
