import { runInConsole } from '@/lib/algorithms/commands/run-in-console'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { AppError } from '@/lib/errors'
import { sessionRoute } from '@/lib/web/route'

/**
 * Runs the algorithm for the console. A route and not a server action: actions of one page wait for each other, and a
 * run may take minutes.
 */
export const POST = sessionRoute<AlgorithmPath>(async (ctx, request, path) => {
  // Other sites can not send this content type without a preflight, which is never answered.
  if (!request.headers.get('content-type')?.startsWith('application/json')) {
    throw new AppError('invalid_input', 'Send application/json.')
  }
  const body: { version?: string; input: string } = await request.json().catch(() => {
    throw new AppError('invalid_input', 'Send JSON: { "version": "0.1.0", "input": "null" }.')
  })
  return Response.json(await runInConsole(ctx, { ...body, ...path }, request.signal))
})
