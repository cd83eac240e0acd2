import { randomUUID } from 'node:crypto'
import type { MessageContent } from './content'
import { DecodeError, readCompound, readSections, SECTION, type Section, skipValue } from './sections'
import { encodeString, readBoolean, readInteger, readText } from './values'

const EMPTY = Buffer.alloc(0)

/** Annotations that only the broker may set; a forwarded message brings those of its former queue. */
const BROKER_ANNOTATIONS = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-enqueue-sequence-number',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-deadletter-source',
])

/** Parses one encoded message. Throws `DecodeError` (or a RangeError) when the bytes are not AMQP. */
export function parseMessage(source: Buffer): MessageContent {
  // One copy: a slice would pin the 64 KiB socket chunk that it came in.
  const bytes = Buffer.from(source)
  const content: MessageContent = {
    annotations: EMPTY,
    annotationCount: 0,
    properties: null,
    applicationProperties: null,
    body: EMPTY,
    durable: true,
    priority: 4,
    ttlMs: undefined,
    messageId: '',
    sessionId: undefined,
    scheduledAtMs: undefined,
    sizeBytes: bytes.length,
  }
  for (const section of readSections(bytes)) {
    if (section.code >= SECTION.data && section.code <= SECTION.value) {
      content.body = bytes.subarray(section.start)
      break
    }
    readBareSection(bytes, section, content)
  }
  if (content.messageId === '') assignMessageId(content)
  return content
}

function readBareSection(bytes: Buffer, section: Section, content: MessageContent): void {
  switch (section.code) {
    case SECTION.header:
      readHeader(bytes, section.value, content)
      break
    case SECTION.messageAnnotations:
      readAnnotations(bytes, section.value, content)
      break
    case SECTION.properties:
      content.properties = bytes.subarray(section.start, section.end)
      readProperties(bytes, section.value, content)
      break
    case SECTION.applicationProperties:
      // Walked now, so that a later change of properties can not fail.
      walkMap(bytes, section.value, () => {})
      content.applicationProperties = bytes.subarray(section.start, section.end)
  }
}

function readHeader(bytes: Buffer, offset: number, content: MessageContent): void {
  const list = readCompound(bytes, offset)
  let item = list.first
  for (let index = 0; index < Math.min(list.count, 3); index++) {
    if (index === 0) content.durable = readBoolean(bytes, item)
    else if (index === 1) content.priority = readInteger(bytes, item) ?? 4
    else content.ttlMs = readTimeToLive(bytes, item)
    item = skipValue(bytes, item)
  }
}

function readTimeToLive(bytes: Buffer, offset: number): number | undefined {
  const ttlMs = readInteger(bytes, offset)
  if (ttlMs !== undefined && !(ttlMs >= 0 && ttlMs <= 0xffffffff)) throw new DecodeError('ttl is out of range')
  return ttlMs
}

function readAnnotations(bytes: Buffer, offset: number, content: MessageContent): void {
  const kept: Buffer[] = []
  walkMap(bytes, offset, (key, start, value, end) => {
    if (key === 'x-opt-scheduled-enqueue-time') content.scheduledAtMs = readInteger(bytes, value)
    if (key === undefined || !BROKER_ANNOTATIONS.has(key)) kept.push(bytes.subarray(start, end))
  })
  content.annotationCount = kept.length * 2
  content.annotations = Buffer.concat(kept)
}

/** Visits the entries of a map: the key's text, and where entry, value and the following entry start. */
function walkMap(
  bytes: Buffer,
  offset: number,
  visit: (key: string | undefined, start: number, value: number, end: number) => void,
): void {
  const map = readCompound(bytes, offset)
  let item = map.first
  for (let index = 0; index < map.count; index += 2) {
    const value = skipValue(bytes, item)
    const end = skipValue(bytes, value)
    if (end > map.end) throw new DecodeError('a map is cut off')
    visit(readText(bytes, item), item, value, end)
    item = end
  }
  if (item !== map.end) throw new DecodeError('a map is longer than its entries')
}

/** Message id is the first, group id (the session) the eleventh field of the properties list. */
function readProperties(bytes: Buffer, offset: number, content: MessageContent): void {
  const list = readCompound(bytes, offset)
  let item = list.first
  for (let index = 0; index < Math.min(list.count, 11); index++) {
    if (index === 0) content.messageId = readText(bytes, item) ?? ''
    if (index === 10) content.sessionId = readText(bytes, item)
    item = skipValue(bytes, item)
  }
}

/**
 * As the service does. Without an id the official client's lock renewer fails ("no message ID") and no settlement
 * succeeds.
 */
function assignMessageId(content: MessageContent): void {
  content.messageId = randomUUID().replaceAll('-', '')
  const id = encodeString(content.messageId)
  let rest: Buffer = EMPTY
  let count = 1
  if (content.properties) {
    const [section] = readSections(content.properties)
    const list = readCompound(content.properties, section?.value ?? 0)
    if (list.count > 0) {
      rest = content.properties.subarray(skipValue(content.properties, list.first), list.end)
      count = list.count
    }
  }
  content.properties = Buffer.concat([sectionHead(SECTION.properties, 0xd0, id.length + rest.length, count), id, rest])
}

/** Descriptor, constructor, size and count of a section that is a list (0xd0) or a map (0xd1). */
export function sectionHead(code: number, type: number, sizeBytes: number, count: number): Buffer {
  const head = Buffer.alloc(12)
  head[1] = 0x53
  head[2] = code
  head[3] = type
  head.writeUInt32BE(4 + sizeBytes, 4)
  head.writeUInt32BE(count, 8)
  return head
}
