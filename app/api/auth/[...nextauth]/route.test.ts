import { NextRequest } from 'next/server'
import { expect, it } from 'vitest'
import { POST } from './route'

const CHUNK_BYTES = 16 * 1024

it('takes no more of a sign-in than a sign-in needs', async () => {
  let sentBytes = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sentBytes += CHUNK_BYTES
      if (sentBytes > 1024 * 1024) throw new Error('read on and on')
      controller.enqueue(new Uint8Array(CHUNK_BYTES).fill(0x20))
    },
  })
  const request = new NextRequest('http://127.0.0.1/api/auth/callback/credentials', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: endless,
  })
  const response = await POST(request, { params: Promise.resolve({ nextauth: ['callback', 'credentials'] }) })
  expect(response.status).toBe(413)
})
