import fc from 'fast-check'
import rhea, { type Message } from 'rhea'
import { describe, expect, it } from 'vitest'
import type { StoredMessage } from '../queue/message'
import { mergeApplicationProperties } from './application-properties'
import { splitBatch } from './batch'
import { encodeMessage } from './encode-message'
import { newLockToken, toGuidOrder } from './lock-token'
import { parseMessage } from './parse-message'
import { DecodeError } from './sections'

const rheaMessage = rhea.message as unknown as {
  encode(message: Partial<Message>): Buffer
  decode(bytes: Buffer): Message
  data_section(data: Buffer): unknown
  data_sections(data: Buffer[]): unknown
}

function stored(bytes: Buffer, change: Partial<StoredMessage> = {}): StoredMessage {
  return {
    ...parseMessage(bytes),
    sequenceNumber: 7,
    enqueuedSequenceNumber: 5,
    enqueuedAtMs: 1_700_000_000_000,
    expiresAtMs: Infinity,
    deliveryCount: 3,
    state: 'active',
    lock: null,
    deadLetterSource: undefined,
    ...change,
  }
}

describe('parsing and encoding a message', () => {
  it('keeps the bytes of everything that the broker does not change', () => {
    const sent = rheaMessage.encode({
      message_id: 'id',
      group_id: 'session',
      subject: 'subject',
      ttl: 5000,
      priority: 7,
      application_properties: {
        int: rhea.types.wrap_int(1),
        long: rhea.types.wrap_long(2),
        uuid: rhea.types.wrap_uuid(Buffer.alloc(16, 1)),
        date: rhea.types.wrap_timestamp(1_700_000_000_000),
      },
      body: rheaMessage.data_section(Buffer.from('body')),
    })
    const content = parseMessage(sent)
    expect(content).toMatchObject({ messageId: 'id', sessionId: 'session', ttlMs: 5000, priority: 7 })
    const given = encodeMessage(stored(sent), 1_700_000_060_000)
    const again = parseMessage(given)
    expect(again.applicationProperties).toEqual(content.applicationProperties)
    expect(again.properties).toEqual(content.properties)
    expect(again.body).toEqual(content.body)
    const decoded = rheaMessage.decode(given)
    expect(decoded.delivery_count).toBe(3)
    expect(decoded.ttl).toBe(5000)
    expect(decoded.message_annotations).toMatchObject({
      'x-opt-sequence-number': 7,
      'x-opt-enqueue-sequence-number': 5,
      'x-opt-locked-until': new Date(1_700_000_060_000),
    })
  })

  it('replaces the annotations that only a broker may set and keeps the others', () => {
    const forwarded = rheaMessage.encode({
      body: 'x',
      message_annotations: { 'x-opt-sequence-number': 99, 'x-opt-partition-key': 'key', 'x-opt-message-state': 1 },
    })
    const decoded = rheaMessage.decode(encodeMessage(stored(forwarded), 0))
    expect(decoded.message_annotations).toMatchObject({ 'x-opt-sequence-number': 7, 'x-opt-partition-key': 'key' })
    expect(decoded.message_annotations).not.toHaveProperty('x-opt-message-state')
  })

  it('gives a message without an id one and keeps its other properties', () => {
    const content = parseMessage(rheaMessage.encode({ subject: 'kept', body: 'x' }))
    const decoded = rheaMessage.decode(encodeMessage(stored(rheaMessage.encode({ subject: 'kept', body: 'x' })), 0))
    expect(content.messageId).toMatch(/^[0-9a-f]{32}$/)
    expect(decoded).toMatchObject({ subject: 'kept', message_id: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(parseMessage(rheaMessage.encode({ body: 'x' })).messageId).toMatch(/^[0-9a-f]{32}$/)
  })

  it('changes single application properties and leaves the bytes of the others', () => {
    const { applicationProperties } = parseMessage(
      rheaMessage.encode({ application_properties: { kept: rhea.types.wrap_int(5), replaced: 1 }, body: 'x' }),
    )
    const merged = mergeApplicationProperties(applicationProperties, {
      replaced: 'new',
      added: true,
      absent: undefined,
    })
    const decoded = rheaMessage.decode(merged)
    expect(decoded.application_properties).toEqual({ kept: 5, replaced: 'new', added: true })
    expect(merged.includes(Buffer.from([0xa1, 4, ...Buffer.from('kept'), 0x54, 5]))).toBe(true)
  })

  it('splits a batch of one and of many', () => {
    const parts = ['a', 'b', 'x'.repeat(300)].map((body) => rheaMessage.encode({ body }))
    const one = rheaMessage.encode({ body: rheaMessage.data_section(parts[0] as Buffer) })
    expect(splitBatch(one)).toEqual([parts[0]])
    expect(splitBatch(rheaMessage.encode({ body: rheaMessage.data_sections(parts) }))).toEqual(parts)
  })

  it('survives any bytes: a message, or a decode error', () => {
    const valid = rheaMessage.encode({
      message_id: 'id',
      message_annotations: { a: 1 },
      application_properties: { b: 2 },
      body: rheaMessage.data_section(Buffer.from('body')),
    })
    const damaged = fc
      .array(fc.tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 })
      .map((changes) => {
        const bytes = Buffer.from(valid)
        for (const [at, byte] of changes) bytes[at] = byte
        return bytes
      })
    const random = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.oneof(damaged, random), (bytes) => {
        for (const read of [parseMessage, splitBatch]) {
          try {
            read(bytes)
          } catch (error) {
            expect(error instanceof DecodeError || error instanceof RangeError).toBe(true)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a message that could harm later', () => {
  const application = (map: number[]) => Buffer.from([0, 0x53, 0x74, 0xc1, map.length, ...map])

  it.each([
    ['application properties with fewer entries than counted', application([4, 0xa1, 1, 0x61, 0x41])],
    ['application properties with more bytes than entries', application([2, 0xa1, 1, 0x61, 0x41, 0x41])],
    ['a negative time to live', Buffer.from([0, 0x53, 0x70, 0xc0, 12, 3, 0x41, 0x40, 0x81, ...Array(8).fill(0xff)])],
  ])('is refused when it comes: %s', (_, bytes) => {
    expect(() => parseMessage(bytes)).toThrow()
  })
})

describe('lock tokens', () => {
  it('differ, and turn into GUID order and back', () => {
    const tokens = Array.from({ length: 2000 }, () => newLockToken())
    expect(new Set(tokens.map((token) => token.toString('hex'))).size).toBe(2000)
    const [token] = tokens as [Buffer]
    expect(toGuidOrder(toGuidOrder(token))).toEqual(token)
    expect(toGuidOrder(Buffer.from('00112233445566778899aabbccddeeff', 'hex')).toString('hex')).toBe(
      '33221100554477668899aabbccddeeff',
    )
  })
})
