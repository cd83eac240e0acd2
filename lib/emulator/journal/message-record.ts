import type { FormerPlace } from '../queue/log'
import type { MessageState, StoredMessage } from '../queue/message'
import { encodeRecordOf, RECORD_TYPE } from './record'

/** JSON has no Infinity: null stands for it (never expires). Absent values are null too. */
type MessageHead = {
  q: number
  n: number
  en: number
  at: number
  ex: number | null
  dc: number
  st: MessageState
  ds: string | null
  ac: number
  du: boolean
  pr: number
  ttl: number | null
  id: string
  se: string | null
  sc: number | null
  sz: number
  /** Lengths of annotations, properties, application properties, body; -1 for none. */
  len: [number, number, number, number]
  former: [number, number] | null
}

/** The head is written out: one is made for each message that is sent, and to walk an object takes half as long again. */
export function encodeMessageRecord(queueId: number, message: StoredMessage, former?: FormerPlace): Buffer {
  const { annotations, properties, applicationProperties, body } = message
  const lengths = `${annotations.length},${properties?.length ?? -1},${applicationProperties?.length ?? -1},${body.length}`
  const head =
    `{"q":${queueId},"n":${message.sequenceNumber},"en":${message.enqueuedSequenceNumber},"at":${message.enqueuedAtMs}` +
    `,"ex":${message.expiresAtMs === Infinity ? null : message.expiresAtMs},"dc":${message.deliveryCount}` +
    `,"st":"${message.state}","ds":${textOrNull(message.deadLetterSource)},"ac":${message.annotationCount}` +
    `,"du":${message.durable},"pr":${message.priority},"ttl":${message.ttlMs ?? null}` +
    `,"id":${JSON.stringify(message.messageId)},"se":${textOrNull(message.sessionId)}` +
    `,"sc":${message.scheduledAtMs ?? null},"sz":${message.sizeBytes},"len":[${lengths}]` +
    `,"former":${former ? `[${former.queueId},${former.sequenceNumber}]` : null}}`
  return encodeRecordOf(RECORD_TYPE.message, head, [annotations, properties, applicationProperties, body])
}

const textOrNull = (text: string | undefined) => (text === undefined ? 'null' : JSON.stringify(text))

export function decodeMessageRecord(
  rawHead: unknown,
  blob: Buffer,
): { queueId: number; message: StoredMessage; former: FormerPlace | undefined } {
  const head = rawHead as MessageHead
  const [annotations, properties, applicationProperties, body] = sliceParts(blob, head.len)
  const message: StoredMessage = {
    annotations: annotations ?? Buffer.alloc(0),
    annotationCount: head.ac,
    properties: properties ?? null,
    applicationProperties: applicationProperties ?? null,
    body: body ?? Buffer.alloc(0),
    durable: head.du,
    priority: head.pr,
    ttlMs: head.ttl ?? undefined,
    messageId: head.id,
    sessionId: head.se ?? undefined,
    scheduledAtMs: head.sc ?? undefined,
    // Sizes from before changed properties were counted are too small.
    sizeBytes: Math.max(head.sz, sizeOf(annotations) + sizeOf(applicationProperties) + sizeOf(body)),
    sequenceNumber: head.n,
    enqueuedSequenceNumber: head.en,
    enqueuedAtMs: head.at,
    expiresAtMs: head.ex ?? Infinity,
    deliveryCount: head.dc,
    state: head.st,
    lock: null,
    deadLetterSource: head.ds ?? undefined,
  }
  const former = head.former ? { queueId: head.former[0], sequenceNumber: head.former[1] } : undefined
  return { queueId: head.q, message, former }
}

const sizeOf = (part: Buffer | null | undefined) => part?.length ?? 0

/** One copy of the blob, so that the read buffer can go. */
function sliceParts(blob: Buffer, lengths: number[]): (Buffer | null)[] {
  const bytes = Buffer.from(blob)
  let start = 0
  return lengths.map((length) => {
    if (length < 0) return null
    start += length
    return bytes.subarray(start - length, start)
  })
}
