/**
 * The line to the server: requests as JSON lines on standard input, answers on the pipe. The same form as
 * ../python/adk/channel.py describes.
 */
import { closeSync, openSync, writeSync } from 'node:fs'

const ANSWER_PIPE = process.env.HEADRACE_ANSWER_PIPE ?? '/tmp/algoout'
const MAX_RESULT_BYTES = Number(process.env.HEADRACE_MAX_RESULT_BYTES ?? 15 * 1024 * 1024)
const LINE_FEED = 0x0a

export class Channel {
  #pipe = openSync(ANSWER_PIPE, 'w')

  sayReady() {
    process.stdout.write('PIPE_INIT_COMPLETE\n')
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
        yield parse(Buffer.concat([...chunks, rest.subarray(0, end)]))
        chunks = []
        rest = rest.subarray(end + 1)
      }
      if (rest.length > 0) chunks.push(rest)
    }
    closeSync(this.#pipe)
  }

  #write(bytes) {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#pipe, bytes, at)
  }
}

function parse(line) {
  const id = /^\{"id":"([\w-]+)"/.exec(line.subarray(0, 100).toString('latin1'))?.[1] ?? '-'
  try {
    const { content_type: type, data, context } = JSON.parse(line.toString('utf8'))
    return { id, context, data: type === 'binary' ? Buffer.from(data, 'base64') : data }
  } catch {
    const error = Object.assign(new Error('The input is not valid JSON.'), { error_type: 'ParsingError', stack: '' })
    return { id, error }
  }
}
