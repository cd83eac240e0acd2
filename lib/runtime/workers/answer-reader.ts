import { KIB, MAX_RESULT_BYTES, MIB } from '../limits'

/** One answer as it came: from our harness with its id, or the JSON line of a stock language pack without one. */
export type Answer = {
  id: string | undefined
  /** `unparsed`: the input is not JSON; the body says why. */
  kind: 'json' | 'text' | 'binary' | 'error' | 'unparsed'
  body: Buffer
  /** Whether all that was printed before it is known to be read. */
  isQuiet: boolean
}

type Listener = {
  onAnswer: (answer: Answer) => void
  /** `id` is there when our harness held the result back: the worker is fit for more. */
  onTooLarge: (bytes: number, id?: string) => void
  /** The bytes are no answer: something inside writes to the pipe by itself. */
  onInvalid: () => void
}

const NOTHING = Buffer.alloc(0)
const LINE_FEED = 0x0a
const HEADER_MARK = 0x23 // '#'
const DOCUMENT_MARK = 0x7b // '{'
const QUOTE = 0x22
const MAX_HEADER_BYTES = 256
/** A result in a JSON line is longer than its bytes: escapes, base64. */
const MAX_LINE_BYTES = 2 * MAX_RESULT_BYTES
/** Longer lines are not parsed: that would hold up the server. */
const MAX_PARSED_BYTES = 512 * KIB
/** Our harness cuts message and stack trace at 64 Ki characters each, of which one may be escapes of 12 bytes. */
const MAX_ERROR_BYTES = 2 * MIB
/** Our harness cuts a parser's reason at 500 characters. */
const MAX_UNPARSED_BYTES = 2 * KIB
const HEADER = /^#([\w-]{1,64}) (json|text|binary|error|unparsed|too_large) (\d{1,12})( quiet)?$/

type Header = { id: string; kind: Answer['kind']; isQuiet: boolean }
type Document = Pick<Answer, 'kind' | 'body'>

/**
 * Cuts the bytes of the answer pipe into answers. Results are never parsed, except a stock language pack's. What it keeps of
 * a chunk it copies.
 */
export class AnswerReader {
  readonly #listener: Listener
  /** The beginning of a line whose end has not come yet. */
  #chunks: Buffer[] = []
  #bytes = 0
  #header: Header | undefined
  /** What has come of the body that the header announced. */
  #body: Buffer = NOTHING
  #filled = 0
  #hasFailed = false

  constructor(listener: Listener) {
    this.#listener = listener
  }

  push(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0 && !this.#hasFailed) rest = this.#header ? this.#readBody(rest) : this.#readLine(rest)
  }

  #readBody(chunk: Buffer): Buffer {
    const { id, kind, isQuiet } = this.#header as Header
    const copied = chunk.copy(this.#body, this.#filled)
    this.#filled += copied
    if (copied === chunk.length) return NOTHING // the line feed at least is still to come
    if (chunk[copied] !== LINE_FEED) return this.#fail()
    const body = this.#body
    this.#header = undefined
    this.#body = NOTHING
    this.#listener.onAnswer({ id, kind, body, isQuiet })
    return chunk.subarray(copied + 1)
  }

  #readLine(chunk: Buffer): Buffer {
    const mark = this.#chunks[0]?.[0] ?? chunk[0]
    if (mark !== HEADER_MARK && mark !== DOCUMENT_MARK) return this.#fail()
    const end = chunk.indexOf(LINE_FEED)
    const part = end < 0 ? chunk : chunk.subarray(0, end)
    this.#bytes += part.length
    if (this.#bytes > (mark === HEADER_MARK ? MAX_HEADER_BYTES : MAX_LINE_BYTES)) {
      return mark === HEADER_MARK ? this.#fail() : this.#failTooLarge(this.#bytes)
    }
    if (end < 0) {
      this.#chunks.push(Buffer.from(part))
      return NOTHING
    }
    const line = this.#chunks.length === 0 && mark === HEADER_MARK ? part : Buffer.concat([...this.#chunks, part])
    this.#chunks = []
    this.#bytes = 0
    if (mark === DOCUMENT_MARK) this.#deliverDocument(line)
    else this.#startBody(line)
    return chunk.subarray(end + 1)
  }

  #startBody(line: Buffer): void {
    const match = HEADER.exec(line.toString('latin1'))
    if (!match) {
      this.#fail()
      return
    }
    const kind = match[2] as Header['kind'] | 'too_large'
    const header = { id: match[1] as string, bytes: Number(match[3]) }
    if (kind === 'error' && header.bytes > MAX_ERROR_BYTES) this.#fail()
    else if (kind === 'unparsed' && header.bytes > MAX_UNPARSED_BYTES) this.#fail()
    else if (kind === 'too_large') this.#listener.onTooLarge(header.bytes, header.id)
    else if (header.bytes > MAX_RESULT_BYTES) this.#failTooLarge(header.bytes)
    else {
      this.#header = { id: header.id, kind, isQuiet: match[4] !== undefined }
      this.#body = Buffer.allocUnsafe(header.bytes)
      this.#filled = 0
    }
  }

  #deliverDocument(line: Buffer): void {
    const document = line.length > MAX_PARSED_BYTES ? cutDocument(line) : parseDocument(line)
    if (!document) this.#fail()
    else if (document.body.length > MAX_RESULT_BYTES) this.#failTooLarge(document.body.length)
    else this.#listener.onAnswer({ id: undefined, kind: document.kind, body: document.body, isQuiet: false })
  }

  #failTooLarge(bytes: number): Buffer {
    this.#hasFailed = true
    this.#listener.onTooLarge(bytes)
    return NOTHING
  }

  #fail(): Buffer {
    this.#hasFailed = true
    this.#listener.onInvalid()
    return NOTHING
  }
}

/** `{"result","metadata":{"content_type"}}` or `{"error"}`, as the stock language packs write them. */
function parseDocument(line: Buffer): Document | undefined {
  try {
    const { result, metadata, error } = JSON.parse(line.toString('utf8'))
    if (error) return { kind: 'error', body: Buffer.from(JSON.stringify(error)) }
    const kind = metadata?.content_type
    if (kind === 'text' && typeof result === 'string') return { kind, body: Buffer.from(result) }
    if (kind === 'binary' && typeof result === 'string') {
      return { kind, body: Buffer.from(result, 'base64') }
    }
    return { kind: 'json', body: Buffer.from(JSON.stringify(result ?? null)) }
  } catch {
    return undefined
  }
}

const RESULT_BEFORE = /^\{\s*"result"\s*:\s*/
const METADATA_BEHIND = /,\s*"metadata"\s*:\s*\{\s*"content_type"\s*:\s*"(json|text|binary)"\s*\}\s*\}\s*$/
const EDGE_BYTES = 200

/** The same for a large result, which to parse would hold up the server, in the order in which the language packs write it: only its edges are looked at. */
function cutDocument(line: Buffer): Document | undefined {
  const before = RESULT_BEFORE.exec(line.subarray(0, EDGE_BYTES).toString('latin1'))
  const behind = METADATA_BEHIND.exec(line.subarray(-EDGE_BYTES).toString('latin1'))
  if (!before || !behind) return undefined
  const kind = behind[1] as 'json' | 'text' | 'binary'
  const result = line.subarray(before[0].length, line.length - behind[0].length)
  if (kind === 'json') return { kind, body: result }
  if (result[0] !== QUOTE) return undefined
  try {
    const text: string = JSON.parse(result.toString('utf8'))
    return { kind, body: Buffer.from(text, kind === 'binary' ? 'base64' : 'utf8') }
  } catch {
    return undefined
  }
}
