/** Descriptor codes of the message sections (AMQP 1.0, part 3.2). */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const

const CODE_BY_SYMBOL: Record<string, number> = {
  'amqp:header:list': SECTION.header,
  'amqp:delivery-annotations:map': SECTION.deliveryAnnotations,
  'amqp:message-annotations:map': SECTION.messageAnnotations,
  'amqp:properties:list': SECTION.properties,
  'amqp:application-properties:map': SECTION.applicationProperties,
  'amqp:data:binary': SECTION.data,
  'amqp:amqp-sequence:list': SECTION.sequence,
  'amqp:amqp-value:*': SECTION.value,
  'amqp:footer:map': SECTION.footer,
}

/** The bytes are not an AMQP message. */
export class DecodeError extends Error {}

/** One section: `[start, end)` with its descriptor, its value starting at `value`. */
export type Section = { code: number; start: number; value: number; end: number }

/** Splits a message into its sections without decoding their values. */
export function readSections(bytes: Buffer): Section[] {
  const sections: Section[] = []
  let offset = 0
  while (offset < bytes.length) {
    const section = readSection(bytes, offset)
    sections.push(section)
    offset = section.end
  }
  return sections
}

function readSection(bytes: Buffer, start: number): Section {
  if (bytes[start] !== 0) throw new DecodeError(`a section is expected at byte ${start}`)
  const { code, value } = readDescriptor(bytes, start)
  const end = skipValue(bytes, value)
  if (end > bytes.length) throw new DecodeError(`the section at byte ${start} is cut off`)
  return { code, start, value, end }
}

function readDescriptor(bytes: Buffer, start: number): { code: number; value: number } {
  switch (bytes[start + 1]) {
    case 0x53:
      return { code: byteAt(bytes, start + 2), value: start + 3 }
    case 0x80:
      return { code: byteAt(bytes, start + 9), value: start + 10 }
    case 0xa3: {
      const end = start + 3 + byteAt(bytes, start + 2)
      return { code: CODE_BY_SYMBOL[bytes.toString('latin1', start + 3, end)] ?? 0, value: end }
    }
    default:
      throw new DecodeError(`the section at byte ${start} has no descriptor`)
  }
}

/** The byte at an offset; beyond the end is a decode error. */
export function byteAt(bytes: Buffer, offset: number): number {
  const byte = bytes[offset]
  if (byte === undefined) throw new DecodeError('the message is cut off')
  return byte
}

/** The offset after the AMQP value that starts at `offset`. */
export function skipValue(bytes: Buffer, offset: number): number {
  const type = byteAt(bytes, offset)
  const next = offset + 1
  if (type === 0x00) return skipValue(bytes, skipValue(bytes, next))
  return skipBody(bytes, type, next)
}

/** The offset after the bytes of a value whose type code stands elsewhere. */
export function skipBody(bytes: Buffer, type: number, next: number): number {
  switch (type >> 4) {
    case 0x4:
      return next
    case 0x5:
      return next + 1
    case 0x6:
      return next + 2
    case 0x7:
      return next + 4
    case 0x8:
      return next + 8
    case 0x9:
      return next + 16
    case 0xa:
    case 0xc:
    case 0xe:
      return next + 1 + byteAt(bytes, next)
    case 0xb:
    case 0xd:
    case 0xf:
      return next + 4 + uint32At(bytes, next)
    default:
      throw new DecodeError(`0x${type.toString(16)} is not an AMQP type`)
  }
}

/** A list or map: how many items, where they start, where they end. */
export type Compound = { count: number; first: number; end: number }

export function readCompound(bytes: Buffer, offset: number): Compound {
  switch (byteAt(bytes, offset)) {
    case 0x45:
      return { count: 0, first: offset + 1, end: offset + 1 }
    case 0xc0:
    case 0xc1:
      return { count: byteAt(bytes, offset + 2), first: offset + 3, end: offset + 2 + byteAt(bytes, offset + 1) }
    case 0xd0:
    case 0xd1:
      return { count: uint32At(bytes, offset + 5), first: offset + 9, end: offset + 5 + uint32At(bytes, offset + 1) }
    default:
      throw new DecodeError('a list or a map is expected')
  }
}

export function uint32At(bytes: Buffer, offset: number): number {
  if (offset + 4 > bytes.length) throw new DecodeError('the message is cut off')
  return bytes.readUInt32BE(offset)
}
