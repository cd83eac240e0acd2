import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MAX_PENDING_EGRESS } from '../limits'
import { Outgoing } from './outgoing'

let server: Server
let endpoint: { host: string; port: number }
const connections = new Set<Socket>()

beforeAll(async () => {
  server = createServer((socket) => {
    connections.add(socket)
    socket.on('error', () => {}).on('close', () => connections.delete(socket))
    socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = { host: '127.0.0.1', port: (server.address() as { port: number }).port }
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

function makeOutgoing(): Outgoing {
  return new Outgoing({ isPublicAllowed: true, listed: new Set([`127.0.0.1:${endpoint.port}`]) })
}

it('a client that goes away while its connection is made leaves none open', async () => {
  const outgoing = makeOutgoing()
  const gone = new PassThrough()
  const connecting = outgoing.connect(endpoint, gone)
  gone.destroy()
  await expect(connecting).rejects.toThrow()
  const goneBefore = new PassThrough()
  goneBefore.destroy()
  await expect(outgoing.connect(endpoint, goneBefore)).rejects.toThrow('closed its connection')
  await expect.poll(() => connections.size).toBe(0)
})

it('many requests over one kept connection leave nothing on it', async () => {
  const outgoing = makeOutgoing()
  const client = new PassThrough()
  for (let count = 0; count < 20; count++) (await outgoing.connect(endpoint, client)).destroy()
  expect(client.listenerCount('close')).toBe(0)
})

it('only so many are made at once; then there is room again', async () => {
  const outgoing = makeOutgoing()
  const made = Array.from({ length: MAX_PENDING_EGRESS }, () => outgoing.connect(endpoint, new PassThrough()))
  const client = new PassThrough()
  await expect(outgoing.connect(endpoint, client)).rejects.toThrow('others are being opened already')
  for (const socket of await Promise.all(made)) socket.destroy()
  const again = await outgoing.connect(endpoint, client)
  again.destroy()
})
