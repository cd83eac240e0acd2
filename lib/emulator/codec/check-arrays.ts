import { byteAt, DecodeError, skipBody, uint32At } from './sections'

const ARRAY32 = 0xf0

/** Whether an array of more than 255 elements may be in here; most frames can be told to have none at this cost. */
export function mayHoldLargeArray(bytes: Buffer): boolean {
  return bytes.includes(ARRAY32)
}

/**
 * Goes through an AMQP value and returns the offset after it. Throws when an array announces more elements than it has
 * bytes: a `null` has none, and a decoder that believes the count makes billions of them from ten bytes.
 */
export function checkArrays(bytes: Buffer, offset: number): number {
  const type = byteAt(bytes, offset)
  if (type === 0x00) return checkArrays(bytes, checkArrays(bytes, offset + 1))
  return checkBody(bytes, type, offset + 1)
}

function checkBody(bytes: Buffer, type: number, offset: number): number {
  switch (type) {
    case 0xc0:
    case 0xc1:
      return checkItems(bytes, byteAt(bytes, offset + 1), offset + 2)
    case 0xd0:
    case 0xd1:
      return checkItems(bytes, uint32At(bytes, offset + 4), offset + 8)
    case 0xe0:
      return checkElements(bytes, byteAt(bytes, offset + 1), offset + 2)
    case ARRAY32:
      if (uint32At(bytes, offset + 4) > uint32At(bytes, offset)) {
        throw new DecodeError('an array announces more elements than it has bytes')
      }
      return checkElements(bytes, uint32At(bytes, offset + 4), offset + 8)
    default:
      return skipBody(bytes, type, offset)
  }
}

function checkItems(bytes: Buffer, count: number, first: number): number {
  let offset = first
  for (let index = 0; index < count; index++) offset = checkArrays(bytes, offset)
  return offset
}

/** The elements of an array share one constructor, which may have descriptors before its type. */
function checkElements(bytes: Buffer, count: number, constructorAt: number): number {
  let offset = constructorAt
  while (byteAt(bytes, offset) === 0x00) offset = checkArrays(bytes, offset + 1)
  const type = byteAt(bytes, offset++)
  for (let index = 0; index < count; index++) offset = checkBody(bytes, type, offset)
  return offset
}
