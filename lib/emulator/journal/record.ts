import { crc32 } from './crc32'

/**
 * One record of the journal:
 *   2 bytes magic · 4 bytes length of the body · 4 bytes CRC-32 of the body ·
 *   body: 1 byte type · 4 bytes length of the head · head (JSON) · blob
 */
export const RECORD_MAGIC = Buffer.from([0xb5, 0x9a])
export const RECORD_HEAD_BYTES = 10
const BODY_HEAD_BYTES = 5

/** No body is larger: a message, its properties and a session's state are bounded by the links' limits. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024

export const RECORD_TYPE = {
  queue: 1,
  queueDropped: 2,
  message: 3,
  removed: 4,
  changed: 5,
  session: 6,
  seen: 7,
  sequence: 8,
} as const

export type RawRecord = { type: number; head: unknown; blob: Buffer }

export function encodeRecord(type: number, head: unknown, blobParts: Buffer[] = []): Buffer {
  return encodeRecordOf(type, JSON.stringify(head), blobParts)
}

/** The same, of a head that is JSON already. Throws on a record that a start would take for damage. */
export function encodeRecordOf(type: number, headJson: string, blobParts: (Buffer | null)[]): Buffer {
  const jsonBytes = Buffer.byteLength(headJson)
  let blobBytes = 0
  for (const part of blobParts) if (part) blobBytes += part.length
  const bodyBytes = BODY_HEAD_BYTES + jsonBytes + blobBytes
  if (bodyBytes > MAX_RECORD_BYTES) throw new RangeError(`a journal record of ${bodyBytes} bytes can not be read back`)
  const record = Buffer.allocUnsafe(RECORD_HEAD_BYTES + bodyBytes)
  record[0] = RECORD_MAGIC[0] as number
  record[1] = RECORD_MAGIC[1] as number
  record.writeUInt32BE(bodyBytes, 2)
  record[RECORD_HEAD_BYTES] = type
  record.writeUInt32BE(jsonBytes, RECORD_HEAD_BYTES + 1)
  let end = RECORD_HEAD_BYTES + BODY_HEAD_BYTES
  end += record.write(headJson, end)
  for (const part of blobParts) {
    if (!part) continue
    record.set(part, end)
    end += part.length
  }
  record.writeUInt32BE(crc32(record.subarray(RECORD_HEAD_BYTES)), 6)
  return record
}

/** Decodes a body whose checksum was right. */
export function decodeBody(body: Buffer): RawRecord {
  const headEnd = BODY_HEAD_BYTES + body.readUInt32BE(1)
  return {
    type: body[0] as number,
    head: JSON.parse(body.toString('utf8', BODY_HEAD_BYTES, headEnd)),
    blob: body.subarray(headEnd),
  }
}
