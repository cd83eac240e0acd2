import type { CallContext, Payload } from '../port'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const TAB = 0x09
const MAX_COPIED_BYTES = 16 * 1024

const AHEAD = ',"ahead":true'
/** Of calls that no message caused. */
const NO_MESSAGE = ',"context":{"message":null}}\n'

/**
 * The line that a language pack reads: `{"id","content_type","data","context"}`. JSON goes through unparsed, and nobody has
 * looked whether it is JSON. A line break in it becomes a tab: both may stand between tokens, and neither in a string.
 * `id` is first, and only our own harness looks at it; behind it stands whether the call was sent ahead (call-line.ts).
 * Our harness takes all between the first `"data":` and the last `,"context":` for the input. So the context of a message
 * is a JSON text within the JSON: its quotes are escaped, and it can not hold those bytes. For language packs that are
 * not ours and read the whole line as JSON, foreign-harness.ts looks at the input before.
 */
export function requestLine(id: string, input: Payload, context: CallContext | undefined, isAhead = false): Buffer[] {
  const head = `{"id":"${id}"${isAhead ? AHEAD : ''},"content_type":"${input.type}","data":`
  const tail = context ? `,"context":${JSON.stringify(JSON.stringify(context))}}\n` : NO_MESSAGE
  const data = requestData(input)
  // One write costs the worker one wake-up; copying a large input would cost more.
  if (data.length > MAX_COPIED_BYTES) return [Buffer.from(head), data, Buffer.from(tail)]
  const line = Buffer.allocUnsafe(head.length + data.length + Buffer.byteLength(tail))
  line.write(head, 'latin1')
  data.copy(line, head.length)
  line.write(tail, head.length + data.length)
  return [line]
}

function requestData({ type, bytes }: Payload): Buffer {
  if (type === 'json') return onOneLine(bytes)
  return Buffer.from(type === 'text' ? JSON.stringify(bytes.toString('utf8')) : `"${bytes.toString('base64')}"`)
}

function onOneLine(bytes: Buffer): Buffer {
  if (!bytes.includes(LINE_FEED) && !bytes.includes(CARRIAGE_RETURN)) return bytes
  const line = Buffer.from(bytes)
  for (let index = 0; index < line.length; index++) {
    if (line[index] === LINE_FEED || line[index] === CARRIAGE_RETURN) line[index] = TAB
  }
  return line
}
