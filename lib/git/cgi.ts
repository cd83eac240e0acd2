import type { ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { componentLogger } from '@/lib/logger'
import { killGit, startHttpBackend } from './git-process'
import { GIT_TIMEOUT_MS, MAX_PUSH_BYTES } from './limits'

const log = componentLogger('git')

const MAX_HEADER_BYTES = 16 * 1024
const MAX_ERROR_CHARS = 4_000

export type CgiRequest = {
  request: Request
  /** The CGI variables besides those that every request has. */
  variables: Record<string, string>
  /** Runs when Git has ended well, before the client sees the end of the answer. */
  onSuccess: () => Promise<void>
  /** Runs once, whenever the process is gone. */
  onEnd: () => void
}

/**
 * Answers a request with `git http-backend`: its body goes in, what comes out is headers and a body, streamed. A client
 * that goes away, sends too much or takes too long ends the process.
 */
export async function answerWithCgi({ request, variables, onSuccess, onEnd }: CgiRequest): Promise<Response> {
  const child = startHttpBackend({
    REQUEST_METHOD: request.method,
    QUERY_STRING: new URL(request.url).search.slice(1),
    CONTENT_TYPE: request.headers.get('content-type') ?? '',
    ...optional('CONTENT_LENGTH', request.headers.get('content-length')),
    ...optional('HTTP_CONTENT_ENCODING', request.headers.get('content-encoding')),
    ...optional('GIT_PROTOCOL', request.headers.get('git-protocol')),
    ...variables,
  })
  const end = () => killGit(child)
  const timer = setTimeout(end, GIT_TIMEOUT_MS)
  request.signal.addEventListener('abort', end)
  const ended = whenEnded(child).finally(() => {
    clearTimeout(timer)
    request.signal.removeEventListener('abort', end)
    onEnd()
  })
  const errors = collectErrors(child)
  void feed(request, child).catch(end)
  const output = (child.stdout as Readable)[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const head = await readHead(output)
  if (!head) {
    end()
    await ended
    log.error({ stderr: errors() }, 'git http-backend gave no answer')
    return new Response('Git failed here; the server’s log says more.\n', { status: 500 })
  }
  const body = bodyOf(head.rest, output, async () => {
    const code = await ended
    if (code === 0) await onSuccess()
    else log.warn({ code, stderr: errors() }, 'git ended with an error')
  })
  const stream = Readable.toWeb(Readable.from(body)) as unknown as BodyInit
  return new Response(stream, { status: head.status, headers: head.headers })
}

/** The request's body into the process; more than a push may have ends it. */
async function feed(request: Request, child: ChildProcess): Promise<void> {
  const stdin = child.stdin as NodeJS.WritableStream
  if (!request.body) {
    stdin.end()
    return
  }
  await pipeline(
    Readable.fromWeb(request.body as ReadableStream),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      let bytes = 0
      for await (const chunk of chunks) {
        bytes += chunk.length
        if (bytes > 2 * MAX_PUSH_BYTES) throw new Error('the body is too large')
        yield chunk
      }
    },
    stdin,
  )
}

async function* bodyOf(
  first: Buffer,
  output: AsyncIterator<Buffer>,
  atEnd: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first
  for (let next = await output.next(); !next.done; next = await output.next()) yield next.value
  await atEnd()
}

type Head = { status: number; headers: Headers; rest: Buffer }

/** CGI's header lines, and what came of the body with them. */
async function readHead(output: AsyncIterator<Buffer>): Promise<Head | undefined> {
  let bytes = Buffer.alloc(0)
  while (bytes.length < MAX_HEADER_BYTES) {
    const end = /\r?\n\r?\n/.exec(bytes.toString('latin1'))
    if (end) {
      const lines = bytes.subarray(0, end.index).toString('latin1').split(/\r?\n/)
      return { ...parseHeaders(lines), rest: bytes.subarray(end.index + end[0].length) }
    }
    const next = await output.next()
    if (next.done) return undefined
    bytes = Buffer.concat([bytes, next.value])
  }
  return undefined
}

function parseHeaders(lines: string[]): { status: number; headers: Headers } {
  const headers = new Headers()
  let status = 200
  for (const line of lines) {
    const colon = line.indexOf(':')
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    if (name === 'status') status = Number.parseInt(value, 10)
    else if (colon > 0) headers.set(name, value)
  }
  return { status, headers }
}

function whenEnded(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', (code) => resolve(code))
  })
}

function collectErrors(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    if (text.length < MAX_ERROR_CHARS) text += chunk.toString('utf8')
  })
  return () => text.slice(0, MAX_ERROR_CHARS)
}

function optional(name: string, value: string | null): Record<string, string> {
  return value === null ? {} : { [name]: value }
}
