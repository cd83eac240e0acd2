/**
 * The baseline of `http`: a bare Node server that hands each body to a bare pipe loop and answers with what comes back.
 * Usage: bare-http.ts <language> <interpreter>. Says its port over IPC.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Language } from '@/lib/generated/prisma/enums'
import { type BarePipe, startBarePipe } from './bare-pipe'

const PIPES = 8

const [language, interpreterPath = ''] = process.argv.slice(2) as [Language, string]
const free: BarePipe[] = Array.from({ length: PIPES }, () =>
  startBarePipe({ language, label: language, interpreterPath }),
)

// As many callers as pipes at most: there is always a free one.
const server = createServer(async (request, response) => {
  const body = await buffer(request)
  const pipe = free.pop() as BarePipe
  await pipe.call(Buffer.concat([Buffer.from('{"content_type":"json","data":'), body, Buffer.from('}\n')]))
  free.push(pipe)
  response.setHeader('Content-Type', 'application/json').end(body)
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
