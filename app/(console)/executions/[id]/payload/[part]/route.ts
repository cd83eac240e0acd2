import { Readable } from 'node:stream'
import { openPayload } from '@/lib/executions/payloads'
import { PayloadRef } from '@/lib/executions/schema'
import { keepLength } from '@/lib/web/content-length'
import { sessionRoute } from '@/lib/web/route'

const TYPES = { json: 'application/json', text: 'text/plain; charset=utf-8', binary: 'application/octet-stream' }
const ENDINGS = { json: 'json', text: 'txt', binary: 'bin' }

/** Downloads the whole input or result of an execution. They are somebody's bytes: no browser may run them. */
export const GET = sessionRoute<{ id: string; part: string }>(async (ctx, _request, params) => {
  const { id, part } = PayloadRef.parse(params)
  const { type, sizeBytes, body } = await openPayload(ctx, { id, part })
  const headers = {
    'Content-Type': TYPES[type],
    'Content-Length': String(sizeBytes),
    'Content-Disposition': `attachment; filename="${part}-${id}.${ENDINGS[type]}"`,
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-cache',
  }
  return keepLength(new Response(Readable.toWeb(body) as ReadableStream, { headers }))
})
