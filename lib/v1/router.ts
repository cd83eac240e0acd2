import type { Context } from '@/lib/context'

/**
 * Answers a request to the HTTP API (`/v1/…`) for a caller who is known already. Framework-free: behind the console's
 * route handler, and behind the gate through which algorithms call from inside the sandbox.
 */
export async function handleApiRequest(_ctx: Context, _request: Request): Promise<Response> {
  return Response.json({ error: { message: 'not implemented yet' } }, { status: 501 })
}
