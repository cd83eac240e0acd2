import type { Payload } from '../port'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const BLANK = 0x20

/**
 * The line that a language pack reads: `{"id","content_type","data"}`. JSON goes through unparsed; a line break in it
 * can only be between tokens and becomes a blank. `id` is first, and only our own harness looks at it.
 */
export function requestLine(id: string, input: Payload): Buffer[] {
  const head = Buffer.from(`{"id":"${id}","content_type":"${input.type}","data":`)
  return [head, requestData(input), Buffer.from('}\n')]
}

function requestData({ type, bytes }: Payload): Buffer {
  if (type === 'json') return onOneLine(bytes)
  return Buffer.from(type === 'text' ? JSON.stringify(bytes.toString('utf8')) : `"${bytes.toString('base64')}"`)
}

function onOneLine(bytes: Buffer): Buffer {
  if (!bytes.includes(LINE_FEED) && !bytes.includes(CARRIAGE_RETURN)) return bytes
  const line = Buffer.from(bytes)
  for (let index = 0; index < line.length; index++) {
    if (line[index] === LINE_FEED || line[index] === CARRIAGE_RETURN) line[index] = BLANK
  }
  return line
}
