import { runInConsole } from '@/lib/algorithms/commands/run-in-console'
import { MAX_CONSOLE_INPUT_CHARS } from '@/lib/algorithms/console-schema'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { AppError } from '@/lib/errors'
import { readBody } from '@/lib/v1/request-body'
import { sessionRoute } from '@/lib/web/route'

/** The longest input, each of its characters written as an escape, and the rest. */
const MAX_BODY_BYTES = 6 * MAX_CONSOLE_INPUT_CHARS + 64 * 1024

/**
 * Runs the algorithm for the console. A route and not a server action: actions of one page wait for each other, and a
 * run may take minutes.
 */
export const POST = sessionRoute<AlgorithmPath>(async (ctx, request, path) => {
  // Other sites can not send this content type without a preflight, which is never answered.
  if (!request.headers.get('content-type')?.startsWith('application/json')) {
    throw new AppError('invalid_input', 'Send application/json.')
  }
  const body = readJson(await readBody(request, MAX_BODY_BYTES, 'The request'))
  return Response.json(await runInConsole(ctx, { ...body, ...path }, request.signal))
})

function readJson(bytes: Buffer): { version?: string; input: string } {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new AppError('invalid_input', 'Send JSON: { "version": "0.1.0", "input": "null" }.')
  }
}
