import { isUtf8 } from 'node:buffer'
import type { Payload } from '@/lib/runtime/port'
import type { Message } from './broker/port'

/** A message's body as an algorithm gets it, or why it can not get it. */
export type DecodedBody = { ok: true; payload: Payload } | { ok: false; payload: Payload; problem: string }

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b|^text\/json\b/i
const BINARY_TYPE = /^application\/octet-stream\b|^image\/|^audio\/|^video\//i
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/
const JSON_WORDS = new Set(['true', 'false', 'null'])
const LONGEST_WORD = 'false'
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * What type the body is: JSON when the content type says so or when it looks like JSON, else text when it is UTF-8, else
 * binary. Bytes are passed on as they came, a byte order mark apart, and only their edges are looked at: the worker parses
 * them, and what only looked like JSON is text when it is none. A body whose content type promises JSON that is
 * none is unusable, and will be at every delivery.
 */
export function decodeBody(message: Pick<Message, 'body' | 'contentType'>): DecodedBody {
  const type = message.contentType?.trim() ?? ''
  const bytes = bytesOf(message)
  if (bytes === null) return unusable(Buffer.alloc(0), 'The body is an AMQP value that can not be written as JSON.')
  if (BINARY_TYPE.test(type)) return { ok: true, payload: { type: 'binary', bytes } }
  const isText = isUtf8(bytes)
  const mayBeJson = isText && looksLikeJson(bytes, type)
  if (JSON_TYPE.test(type)) {
    return mayBeJson ? { ok: true, payload: { type: 'json', bytes } } : unusable(bytes, brokenPromise(type))
  }
  if (mayBeJson) return { ok: true, payload: { type: 'json', bytes, isGuess: true } }
  return { ok: true, payload: { type: isText ? 'text' : 'binary', bytes } }
}

/** What is wrong with a body that its worker can not parse. `message` is the worker's. */
export function problemOf({ contentType }: Pick<Message, 'contentType'>, message: string): string {
  const type = contentType?.trim() ?? ''
  return JSON_TYPE.test(type) ? `${brokenPromise(type)} ${message}` : message
}

function brokenPromise(type: string): string {
  return `The content type is ${type}, but the body is not JSON.`
}

function looksLikeJson(bytes: Buffer, type: string): boolean {
  let start = 0
  let end = bytes.length - 1
  while (isBlank(bytes[start])) start++
  while (end > start && isBlank(bytes[end])) end--
  const first = String.fromCharCode(bytes[start] ?? 0)
  const last = String.fromCharCode(bytes[end] ?? 0)
  if (first === '{' || first === '[') return last === (first === '{' ? '}' : ']')
  // Text that was declared as text stays text, unless it is an object or a list: some senders declare all as text.
  if (/^text\/(?!json)/i.test(type)) return false
  if (first === '"') return last === '"' && end > start
  if (/[-\d]/.test(first)) return /\d/.test(last) && JSON_NUMBER.test(bytes.toString('latin1', start, end + 1))
  return end - start < LONGEST_WORD.length && JSON_WORDS.has(bytes.toString('latin1', start, end + 1))
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d
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

function unusable(bytes: Buffer, problem: string): DecodedBody {
  return { ok: false, payload: { type: isUtf8(bytes) ? 'text' : 'binary', bytes }, problem }
}
