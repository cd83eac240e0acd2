import { addAbortSignal, Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { AppError } from '@/lib/errors'

/** The whole body. Throws `too_large` as soon as it is clear that there are more than `maxBytes`. */
export async function readBody(request: Request, maxBytes: number, what: string): Promise<Buffer> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > maxBytes) throw tooLarge(what, maxBytes)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bodyStream(request)) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(what, maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The body as it comes in; ends with an `AppError` when the client goes away before all of it is there. */
export function bodyStream(request: Request): Readable {
  return Readable.from(chunksOf(request))
}

async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  if (!request.body) return
  try {
    yield* Readable.fromWeb(request.body as ReadableStream)
  } catch (cause) {
    throw new AppError('invalid_input', 'The request broke off before its body was complete. Send it again.', { cause })
  }
}

/** A client that sends for longer than this although it is refused is cut off. */
const DISCARD_MS = 30_000

/**
 * Takes in a body that nobody has read. Many clients read the answer only once they have sent everything; a connection
 * that closes before hides the answer from them.
 */
export async function discardBody(request: Request): Promise<void> {
  if (!request.body || request.bodyUsed) return
  const rest = addAbortSignal(AbortSignal.timeout(DISCARD_MS), Readable.fromWeb(request.body as ReadableStream))
  await finished(rest.resume()).catch(() => {})
}

function tooLarge(what: string, maxBytes: number): AppError {
  const mebibytes = maxBytes / 1024 / 1024
  const limit = mebibytes >= 1 ? `${mebibytes} MiB` : `${maxBytes / 1024} KiB`
  return new AppError('too_large', `${what} is larger than ${limit}, the most that is taken.`)
}
