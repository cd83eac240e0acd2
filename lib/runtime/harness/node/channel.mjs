/**
 * The line to the server: requests as lines on standard input, answers on the pipe. The same form as
 * ../python/adk/channel.py describes.
 */
import { closeSync, constants, createReadStream, openSync, readSync, writeSync } from 'node:fs'
import { Writable } from 'node:stream'
import { readLines } from './lines.mjs'

const ANSWER_PIPE = process.env.HEADRACE_ANSWER_PIPE ?? '/tmp/algoout'
const MAX_RESULT_BYTES = Number(process.env.HEADRACE_MAX_RESULT_BYTES ?? 15 * 1024 * 1024)
const STDIN = 0
const ID_START = '{"id":"'
const AHEAD = ',"ahead":true,'
const DATA_START = '","data":'
const CONTEXT_START = ',"context":'
const MAX_PROBLEM_CHARACTERS = 500
const TICKET_PIPE = process.env.HEADRACE_TICKET_PIPE
const OUTPUT_MARK = Buffer.from(`\0${process.env.HEADRACE_OUTPUT_MARK}\n`)
const RETRY_MS = 1
// The algorithm may put something else in its place.
const parseJson = JSON.parse
// Not for the algorithm, nor for programs that it starts.
delete process.env.HEADRACE_TICKET_PIPE
delete process.env.HEADRACE_OUTPUT_MARK

let emptyStdin
/** Two streams can not share a descriptor: the requests come by one, and to the algorithm standard input is at its end. */
Object.defineProperty(process, 'stdin', {
  configurable: true,
  enumerable: true,
  get: () => {
    emptyStdin ??= createReadStream('/dev/null')
    return emptyStdin
  },
})

/** Does not wait for a reader: where there is none the server has died, and the worker is to end. */
function openAnswerPipe() {
  const first = openSync(ANSWER_PIPE, constants.O_WRONLY | constants.O_NONBLOCK)
  const pipe = openSync(ANSWER_PIPE, constants.O_WRONLY)
  closeSync(first)
  return pipe
}

export class Channel {
  isReady = false
  #pipe = openAnswerPipe()
  #tickets = TICKET_PIPE && openSync(TICKET_PIPE, constants.O_RDONLY | constants.O_NONBLOCK)

  sayReady() {
    this.isReady = true
    process.stdout.write(`PIPE_INIT_COMPLETE${TICKET_PIPE ? ' ahead' : ''}\n`)
  }

  send(id, { kind, body }) {
    const bytes = Buffer.byteLength(body)
    if (kind !== 'error' && bytes > MAX_RESULT_BYTES) this.#write(`#${id} too_large ${bytes}\n`)
    else if (typeof body === 'string') this.#write(`#${id} ${kind} ${bytes}\n${body}\n`)
    else this.#write(Buffer.concat([Buffer.from(`#${id} ${kind} ${bytes}\n`), body, Buffer.from('\n')]))
  }

  /** Sends what `answer` resolves with for each request, one after the other. Settles when there are no more. */
  serve(answer) {
    return new Promise((resolve, reject) => {
      const lines = []
      let isServing = false
      let hasEnded = false
      const serveAll = async () => {
        if (isServing) return
        isServing = true
        while (lines.length > 0) await this.#serveOne(lines.shift(), answer)
        isServing = false
        if (hasEnded) resolve()
      }
      const onLine = (line) => {
        lines.push(line)
        serveAll().catch(reject)
      }
      const onEnd = (error) => {
        if (error) reject(error)
        hasEnded = true
        serveAll().catch(reject)
      }
      readLines(STDIN, onLine, onEnd)
    })
  }

  async #serveOne(line, answer) {
    const idEnd = line.startsWith(ID_START) ? line.indexOf('"', ID_START.length) : -1
    if (line.startsWith(AHEAD, idEnd + 1) && !(await this.#beginAhead())) return
    const id = idEnd < 0 ? '-' : line.slice(ID_START.length, idEnd)
    const answered = await answer(new Request(line))
    // What was printed must be out before the answer is, or it would count for the next call. As a rule it is: Node writes
    // at once what the socket has room for.
    for (const stream of [process.stdout, process.stderr]) if (isHeldBack(stream)) await whenOut(stream)
    this.send(id, answered)
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

  /** The pipe takes all of it, as a rule at once. */
  #write(data) {
    const sent = writeSync(this.#pipe, data)
    const bytes = Buffer.byteLength(data)
    if (sent < bytes) this.#writeRest(Buffer.from(data), sent)
  }

  #writeRest(bytes, sent) {
    for (let at = sent; at < bytes.length; ) at += writeSync(this.#pipe, bytes, at)
  }
}

/** Whether a stream waits for the server to read. */
const isHeldBack = (stream) => stream?.writableLength > 0

/** By the stream's own function: the algorithm may have put another in its place. */
const whenOut = (stream) => new Promise((resolve) => Writable.prototype.write.call(stream, '', resolve))

/** Behind what its stream still holds back. */
async function writeMark(stream, descriptor) {
  if (isHeldBack(stream)) await whenOut(stream)
  for (let at = 0; at < OUTPUT_MARK.length; ) {
    try {
      at += writeSync(descriptor, OUTPUT_MARK, at)
    } catch (error) {
      if (error.code !== 'EAGAIN') return // the algorithm has closed it: the server does without
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

/** One call. `problem` says why there is no data: the input is not JSON. */
class Request {
  data
  problem
  #line
  #end

  constructor(line) {
    const kindEnd = line.indexOf(DATA_START)
    const start = kindEnd + DATA_START.length
    const end = line.lastIndexOf(CONTEXT_START)
    this.#line = line
    this.#end = end
    if (line.endsWith('binary', kindEnd)) {
      this.data = Buffer.from(line.slice(start + 1, end - 1), 'base64')
      return
    }
    try {
      this.data = parseJson(line.slice(start, end))
    } catch (error) {
      // All is on one line by now.
      this.problem = error.message.replace(/ \(line 1 column \d+\)$/, '').slice(0, MAX_PROBLEM_CHARACTERS)
    }
  }

  /** Read when it is asked for. */
  get context() {
    const context = parseJson(this.#line.slice(this.#end + CONTEXT_START.length, -1))
    return typeof context === 'string' ? parseJson(context) : context
  }
}
