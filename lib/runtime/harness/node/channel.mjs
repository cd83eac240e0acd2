/**
 * The line to the server: requests as JSON lines on standard input, answers on the pipe. The same form as
 * ../python/adk/channel.py describes.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'

const ANSWER_PIPE = process.env.HEADRACE_ANSWER_PIPE ?? '/tmp/algoout'
const MAX_RESULT_BYTES = Number(process.env.HEADRACE_MAX_RESULT_BYTES ?? 15 * 1024 * 1024)
const LINE_FEED = 0x0a
const AHEAD = ',"ahead":true,'
const TICKET_PIPE = process.env.HEADRACE_TICKET_PIPE
const OUTPUT_MARK = Buffer.from(`\0${process.env.HEADRACE_OUTPUT_MARK}\n`)
const RETRY_MS = 1
// Not for the algorithm, nor for programs that it starts.
delete process.env.HEADRACE_TICKET_PIPE
delete process.env.HEADRACE_OUTPUT_MARK

export class Channel {
  #pipe = openSync(ANSWER_PIPE, 'w')
  #tickets = TICKET_PIPE && openSync(TICKET_PIPE, constants.O_RDONLY | constants.O_NONBLOCK)

  sayReady() {
    process.stdout.write(`PIPE_INIT_COMPLETE${TICKET_PIPE ? ' ahead' : ''}\n`)
  }

  /** Standard output is a pipe, which Node writes to at once: what was printed is out before the answer. */
  send(id, { kind, body }) {
    if (kind !== 'error' && body.length > MAX_RESULT_BYTES) {
      this.#write(Buffer.from(`#${id} too_large ${body.length}\n`))
      return
    }
    this.#write(Buffer.concat([Buffer.from(`#${id} ${kind} ${body.length}\n`), body, Buffer.from('\n')]))
  }

  async *requests() {
    let chunks = []
    for await (const chunk of process.stdin) {
      let rest = chunk
      for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
        const line = Buffer.concat([...chunks, rest.subarray(0, end)])
        chunks = []
        const { id, isAhead } = headOf(line)
        if (!isAhead || (await this.#beginAhead())) yield parse(id, line)
        rest = rest.subarray(end + 1)
      }
      if (rest.length > 0) chunks.push(rest)
    }
    closeSync(this.#pipe)
  }

  /** Whether a call that was sent ahead is to run; then the output is at its beginning. */
  async #beginAhead() {
    try {
      readSync(this.#tickets, Buffer.alloc(1))
    } catch {
      return false // EAGAIN: there is no ticket
    }
    await writeMark(process.stdout, 1)
    await writeMark(process.stderr, 2)
    return true
  }

  #write(bytes) {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#pipe, bytes, at)
  }
}

/** Behind what its stream still holds back, for a server that was slow to read. */
async function writeMark(stream, descriptor) {
  if (stream?.writableLength > 0) await new Promise((resolve) => stream.write('', resolve))
  for (let at = 0; at < OUTPUT_MARK.length; ) {
    try {
      at += writeSync(descriptor, OUTPUT_MARK, at)
    } catch (error) {
      if (error.code !== 'EAGAIN') return // the algorithm has closed it: the server does without
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

function headOf(line) {
  const head = line.toString('latin1', 0, 100)
  const id = /^\{"id":"([\w-]+)"/.exec(head)
  return { id: id?.[1] ?? '-', isAhead: id !== null && head.startsWith(AHEAD, id[0].length) }
}

function parse(id, line) {
  try {
    const { content_type: type, data, context } = JSON.parse(line.toString('utf8'))
    return { id, context, data: type === 'binary' ? Buffer.from(data, 'base64') : data }
  } catch {
    const error = Object.assign(new Error('The input is not valid JSON.'), { error_type: 'ParsingError', stack: '' })
    return { id, error }
  }
}
