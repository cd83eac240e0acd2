import NextAuth from 'next-auth'
import { authOptions } from '@/lib/web/auth-options'

type Segment = { params: Promise<{ nextauth: string[] }> }

// The options hold the secret, which is there at run time only: made for each request, not while building.
function handle(request: Request, segment: Segment): Promise<Response> {
  return NextAuth(request as never, segment as never, authOptions()) as Promise<Response>
}

export { handle as GET, handle as POST }
