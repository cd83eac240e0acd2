import { NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { readBody } from '@/lib/v1/request-body'
import { authOptions } from '@/lib/web/auth-options'
import { describeError, statusOf } from '@/lib/web/errors'

type Segment = { params: Promise<{ nextauth: string[] }> }

/** A name, a password and a token need far less; next-auth itself takes all that comes, from anybody. */
const MAX_BODY_BYTES = 64 * 1024

// The options hold the secret, which is there at run time only: made for each request, not while building.
function handle(request: NextRequest, segment: Segment): Promise<Response> {
  return NextAuth(request as never, segment as never, authOptions()) as Promise<Response>
}

async function handlePost(request: NextRequest, segment: Segment): Promise<Response> {
  try {
    const body = await readBody(request, MAX_BODY_BYTES, 'The request')
    const { method, headers } = request
    return await handle(new NextRequest(request.url, { method, headers, body: new Uint8Array(body) }), segment)
  } catch (error) {
    const { code, message, id } = describeError(error)
    return Response.json({ error: { code, message, id } }, { status: statusOf(code) })
  }
}

export { handle as GET, handlePost as POST }
