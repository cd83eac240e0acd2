import { isUtf8 } from 'node:buffer'
import type { Payload } from '@/lib/runtime/port'
import type { Message } from './broker/port'

/** A message's body as an algorithm gets it, or why it can not get it. */
export type DecodedBody = { ok: true; payload: Payload } | { ok: false; payload: Payload; problem: string }

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b|^text\/json\b/i
const BINARY_TYPE = /^application\/octet-stream\b|^image\/|^audio\/|^video\//i
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * What type the body is: JSON when the content type says so or when it reads as JSON, else text when it is UTF-8, else
 * binary. Bytes are passed on as they came, a byte order mark apart. A body whose content type promises JSON that is
 * none is unusable, and will be at every delivery.
 */
export function decodeBody(message: Pick<Message, 'body' | 'contentType'>): DecodedBody {
  const type = message.contentType?.trim() ?? ''
  const bytes = bytesOf(message)
  if (bytes === null) return unusable(Buffer.alloc(0), 'The body is an AMQP value that can not be written as JSON.')
  if (BINARY_TYPE.test(type)) return { ok: true, payload: { type: 'binary', bytes } }
  const text = utf8Of(bytes)
  if (text !== null && isJson(text, type)) return { ok: true, payload: { type: 'json', bytes } }
  if (JSON_TYPE.test(type)) return unusable(bytes, `The content type is ${type}, but the body is not JSON.`)
  return { ok: true, payload: { type: text === null ? 'binary' : 'text', bytes } }
}

function isJson(text: string, type: string): boolean {
  // Text that was declared as text stays text, unless it is an object or a list: some senders declare all as text.
  if (/^text\/(?!json)/i.test(type) && !/^\s*[[{]/.test(text)) return false
  if (!/^\s*[[{"\-\dtfn]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function bytesOf({ body }: Pick<Message, 'body'>): Buffer | null {
  if (body.kind === 'bytes') return withoutMark(body.bytes)
  if (typeof body.value === 'string') return Buffer.from(body.value, 'utf8')
  if (body.value instanceof Uint8Array) return Buffer.from(body.value)
  try {
    const json = JSON.stringify(body.value)
    return json === undefined ? null : Buffer.from(json, 'utf8')
  } catch {
    return null
  }
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === BYTE_ORDER_MARK[0] && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes
}

function utf8Of(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString('utf8') : null
}

function unusable(bytes: Buffer, problem: string): DecodedBody {
  return { ok: false, payload: { type: utf8Of(bytes) === null ? 'binary' : 'text', bytes }, problem }
}
