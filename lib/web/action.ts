import 'server-only'
import { unstable_rethrow } from 'next/navigation'
import type { z } from 'zod'
import type { Context } from '@/lib/context'
import { AppError } from '@/lib/errors'
import type { ActionResult } from './action-result'
import { describeError } from './errors'
import { refuseNul } from './refuse-nul'
import { currentContext } from './session'

/**
 * Makes a server action: the session's context, the input parsed by `schema`, then `run`. Errors come back as data.
 * Export its result from a file that begins with 'use server'.
 */
export function action<Schema extends z.ZodType, Data>(
  schema: Schema,
  run: (ctx: Context, input: z.output<Schema>) => Promise<Data>,
): (input: z.input<Schema>) => Promise<ActionResult<Data>> {
  return async (input) => {
    try {
      const ctx = await currentContext()
      if (!ctx) throw new AppError('unauthenticated', 'You are signed out. Sign in again in another tab, then retry.')
      return { ok: true, data: await run(ctx, schema.parse(input)) }
    } catch (error) {
      unstable_rethrow(error)
      return { ok: false, error: describeError(refuseNul(error, input)) }
    }
  }
}
