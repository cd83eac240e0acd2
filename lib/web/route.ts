import 'server-only'
import type { Context } from '@/lib/context'
import { AppError } from '@/lib/errors'
import { describeError, statusOf } from './errors'
import { currentContext } from './session'

type RouteParams = Record<string, string | string[]>
type RouteHandler<Params> = (request: Request, segment: { params: Promise<Params> }) => Promise<Response>

/** A route handler for signed-in people; errors become `{ error: { code, message, fields } }` with their status. */
export function sessionRoute<Params extends RouteParams = RouteParams>(
  run: (ctx: Context, request: Request, params: Params) => Promise<Response>,
): RouteHandler<Params> {
  return async (request, segment) => {
    try {
      const ctx = await currentContext()
      if (!ctx) throw new AppError('unauthenticated', 'Sign in first.')
      return await run(ctx, request, await segment.params)
    } catch (error) {
      const { code, message, id, fields } = describeError(error)
      return Response.json({ error: { code, message, id, fields } }, { status: statusOf(code) })
    }
  }
}
