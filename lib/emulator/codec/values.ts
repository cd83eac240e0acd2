import { byteAt, DecodeError, uint32At } from './sections'

/** The text of a string, symbol, number, uuid or binary value: message ids may be any of these; undefined for null. */
export function readText(bytes: Buffer, offset: number): string | undefined {
  const type = byteAt(bytes, offset)
  switch (type) {
    case 0x40:
      return undefined
    case 0xa1:
    case 0xa3:
      return bytes.toString('utf8', offset + 2, offset + 2 + byteAt(bytes, offset + 1))
    case 0xb1:
    case 0xb3:
      return bytes.toString('utf8', offset + 5, offset + 5 + uint32At(bytes, offset + 1))
    case 0xa0:
      return bytes.toString('hex', offset + 2, offset + 2 + byteAt(bytes, offset + 1))
    case 0xb0:
      return bytes.toString('hex', offset + 5, offset + 5 + uint32At(bytes, offset + 1))
    case 0x98:
      return bytes.toString('hex', offset + 1, offset + 17)
    default:
      return String(readInteger(bytes, offset))
  }
}

/** An unsigned integer or timestamp; undefined for null. */
export function readInteger(bytes: Buffer, offset: number): number | undefined {
  const type = byteAt(bytes, offset)
  switch (type) {
    case 0x40:
      return undefined
    case 0x43:
    case 0x44:
      return 0
    case 0x50:
    case 0x52:
    case 0x53:
      return byteAt(bytes, offset + 1)
    case 0x70:
      return uint32At(bytes, offset + 1)
    case 0x80:
    case 0x81:
    case 0x83:
      if (offset + 9 > bytes.length) throw new DecodeError('the message is cut off')
      return Number(bytes.readBigInt64BE(offset + 1))
    default:
      throw new DecodeError(`an integer is expected, not type 0x${type.toString(16)}`)
  }
}

/** True for the two encodings of `true`. */
export function readBoolean(bytes: Buffer, offset: number): boolean {
  return bytes[offset] === 0x41 || (bytes[offset] === 0x56 && bytes[offset + 1] === 1)
}

/** Encodes a plain value; undefined when AMQP property maps can not hold it. */
export function encodeValue(value: unknown): Buffer | undefined {
  switch (typeof value) {
    case 'string':
      return encodeString(value)
    case 'boolean':
      return Buffer.from([value ? 0x41 : 0x42])
    case 'number':
      return Number.isSafeInteger(value) ? fixed64(0x81, BigInt(value)) : encodeDouble(value)
    case 'bigint':
      return fixed64(0x81, value)
    default:
      if (value === null) return Buffer.from([0x40])
      if (value instanceof Date) return fixed64(0x83, BigInt(value.getTime()))
      if (Buffer.isBuffer(value)) return prefixed(0xa0, value)
      return undefined
  }
}

export function encodeString(text: string): Buffer {
  return prefixed(0xa1, Buffer.from(text))
}

export function encodeSymbol(text: string): Buffer {
  return prefixed(0xa3, Buffer.from(text, 'latin1'))
}

/** `shortCode` is the one-byte-length form; the four-byte form is always 0x10 above it. */
function prefixed(shortCode: number, content: Buffer): Buffer {
  if (content.length < 256) return Buffer.concat([Buffer.from([shortCode, content.length]), content])
  const head = Buffer.alloc(5)
  head[0] = shortCode + 0x10
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, content])
}

function fixed64(code: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9)
  bytes[0] = code
  bytes.writeBigInt64BE(value, 1)
  return bytes
}

function encodeDouble(value: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes[0] = 0x82
  bytes.writeDoubleBE(value, 1)
  return bytes
}
