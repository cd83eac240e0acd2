import type { MessageState, StoredMessage } from '../queue/message'
import { SECTION } from './sections'
import { encodeSymbol } from './values'

const KEY = {
  sequenceNumber: encodeSymbol('x-opt-sequence-number'),
  enqueuedTime: encodeSymbol('x-opt-enqueued-time'),
  enqueuedSequenceNumber: encodeSymbol('x-opt-enqueue-sequence-number'),
  lockedUntil: encodeSymbol('x-opt-locked-until'),
  state: encodeSymbol('x-opt-message-state'),
  deadLetterSource: encodeSymbol('x-opt-deadletter-source'),
}

const LOCK_TOKEN_KEY = encodeSymbol('x-opt-lock-token')
const UUID_CODE = 0x98

const STATE_CODE: Record<MessageState, number> = { active: 0, deferred: 1, scheduled: 2 }

/** Header (at most 24 bytes), map head (12), and the broker's annotations with their values. */
const FIXED_BYTES = 36 + Object.values(KEY).reduce((sum, key) => sum + key.length + 9, 0)

/** Encodes a stored message for delivery or peek; `lockedUntilMs` 0 means not locked. */
export function encodeMessage(message: StoredMessage, lockedUntilMs: number): Buffer {
  const source = message.deadLetterSource ? Buffer.from(message.deadLetterSource) : null
  const { properties, applicationProperties, annotations, body } = message
  const bytes = Buffer.allocUnsafe(
    FIXED_BYTES +
      annotations.length +
      (source?.length ?? 0) +
      (properties?.length ?? 0) +
      (applicationProperties?.length ?? 0) +
      body.length,
  )
  let end = writeHeader(bytes, message)
  end = writeAnnotations(bytes, end, message, lockedUntilMs, source)
  if (properties) end += properties.copy(bytes, end)
  if (applicationProperties) end += applicationProperties.copy(bytes, end)
  end += body.copy(bytes, end)
  return bytes.subarray(0, end)
}

/** A message received by its number. Such a one has no delivery tag: older Python clients look for its token inside. */
export function encodeDeferred(message: StoredMessage): Buffer {
  const bytes = encodeMessage(message, message.lock?.untilMs ?? 0)
  if (!message.lock) return bytes
  const headerEnd = 5 + (bytes[4] as number)
  const entry = Buffer.concat([LOCK_TOKEN_KEY, Buffer.from([UUID_CODE]), message.lock.token])
  const head = Buffer.from([0x00, 0x53, SECTION.deliveryAnnotations, 0xc1, entry.length + 1, 2])
  return Buffer.concat([bytes.subarray(0, headerEnd), head, entry, bytes.subarray(headerEnd)])
}

/** The delivery count is written even when it is 0: .NET fails without it. */
function writeHeader(bytes: Buffer, message: StoredMessage): number {
  bytes.set([0x00, 0x53, SECTION.header, 0xc0, 0, 5, message.durable ? 0x41 : 0x42, 0x50, message.priority])
  let end = 9
  if (message.ttlMs === undefined) bytes[end++] = 0x40
  else {
    bytes[end++] = 0x70
    end = bytes.writeUInt32BE(Math.min(message.ttlMs, 0xffffffff), end)
  }
  bytes[end++] = 0x42
  bytes[end++] = 0x70
  end = bytes.writeUInt32BE(message.deliveryCount, end)
  bytes[4] = end - 5
  return end
}

function writeAnnotations(
  bytes: Buffer,
  start: number,
  message: StoredMessage,
  lockedUntilMs: number,
  source: Buffer | null,
): number {
  bytes.set([0x00, 0x53, SECTION.messageAnnotations, 0xd1], start)
  const sizeAt = start + 4
  let end = sizeAt + 8
  let count = message.annotationCount
  end += message.annotations.copy(bytes, end)
  const writeLong = (key: Buffer, code: number, value: number) => {
    end += key.copy(bytes, end)
    bytes[end++] = code
    bytes.writeInt32BE(Math.floor(value / 0x100000000), end)
    bytes.writeUInt32BE(value % 0x100000000, end + 4)
    end += 8
    count += 2
  }
  writeLong(KEY.sequenceNumber, 0x81, message.sequenceNumber)
  writeLong(KEY.enqueuedTime, 0x83, message.enqueuedAtMs)
  writeLong(KEY.enqueuedSequenceNumber, 0x81, message.enqueuedSequenceNumber)
  if (lockedUntilMs > 0) writeLong(KEY.lockedUntil, 0x83, lockedUntilMs)
  if (message.state !== 'active') {
    end += KEY.state.copy(bytes, end)
    bytes[end++] = 0x54
    bytes[end++] = STATE_CODE[message.state]
    count += 2
  }
  if (source) {
    end += KEY.deadLetterSource.copy(bytes, end)
    bytes[end++] = 0xb1
    end = bytes.writeUInt32BE(source.length, end)
    end += source.copy(bytes, end)
    count += 2
  }
  bytes.writeUInt32BE(end - sizeAt - 4, sizeAt)
  bytes.writeUInt32BE(count, sizeAt + 4)
  return end
}
