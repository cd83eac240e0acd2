import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { testConnection } from './probe'
import { sendMessage } from './send'

let broker: TestBroker
const QUEUE = 'orders'

beforeAll(async () => {
  broker = await testBroker({ queues: { [QUEUE]: {}, sessions: { requiresSession: true } } })
  addKey('send-only', 'c2VuZC1vbmx5', ['Send'])
  await broker.restart()
})
afterAll(() => broker.close())

describe('testConnection', () => {
  it('accepts a queue that we may receive from, and takes nothing from it', async () => {
    await sendMessage({ connectionString: broker.connectionString, queueName: QUEUE, body: 'still here' })
    await testConnection({ connectionString: broker.connectionString, queueName: QUEUE })
    await testConnection({ connectionString: broker.connectionString, queueName: QUEUE })
    const { peekQueue } = await import('./dead-letter')
    const [message] = await peekQueue({ connectionString: broker.connectionString, queueName: QUEUE })
    expect(message).toMatchObject({ body: { kind: 'bytes', bytes: Buffer.from('still here') }, deliveryCount: 0 })
  })

  it('names a malformed string', async () => {
    expect(await faultOf('Endpoint=sb://x')).toEqual({
      connectionString: 'The part SharedAccessKeyName=… is missing.',
    })
  })

  it('names a port at which nothing listens', async () => {
    const port = await unusedPort()
    expect(await faultOf(at(port))).toEqual({
      connectionString: `Nothing listens at 127.0.0.1:${port}. Check the host and port of the Endpoint.`,
    })
  })

  it('names a host that does not exist', async () => {
    const fields = await faultOf(broker.connectionString.replace(/sb:\/\/[^:/;]+/, 'sb://nowhere.invalid'))
    expect(fields.connectionString).toContain('There is no host of the name nowhere.invalid')
  })

  it('names a key that is wrong', async () => {
    const fields = await faultOf(broker.connectionString.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc='))
    expect(fields.connectionString).toContain('does not accept the key RootManageSharedAccessKey')
  })

  it('names a policy that is unknown', async () => {
    const fields = await faultOf(
      broker.connectionString.replace(/SharedAccessKeyName=[^;]+/, 'SharedAccessKeyName=gone'),
    )
    expect(fields.connectionString).toContain('does not accept the key gone')
  })

  it('names an access token that has expired', async () => {
    const fields = await faultOf(withToken(Math.floor(Date.now() / 1_000) - 60))
    expect(fields.connectionString).toContain('has expired')
  })

  it('names a missing right', async () => {
    const fields = await faultOf(withKey('send-only', 'c2VuZC1vbmx5'))
    expect(fields.connectionString).toContain('The policy send-only does not have the right')
  })

  it('names a queue that is not there', async () => {
    expect(await faultOf(broker.connectionString, 'nothing')).toEqual({
      queueName: expect.stringContaining('There is no queue nothing on'),
    })
  })

  it('names a queue that requires sessions', async () => {
    expect(await faultOf(broker.connectionString, 'sessions')).toEqual({
      messageOrder: expect.stringContaining('The queue sessions requires sessions'),
    })
  })

  it('accepts a queue with sessions for messages session by session, and refuses one without', async () => {
    const { connectionString } = broker
    await testConnection({ connectionString, queueName: 'sessions', messageOrder: 'session' })
    const refused = testConnection({ connectionString, queueName: QUEUE, messageOrder: 'session' })
    await expect(refused).rejects.toMatchObject({
      fields: { messageOrder: expect.stringContaining('does not have sessions') },
    })
  })

  it('names a string that is bound to another queue', async () => {
    expect(await faultOf(`${broker.connectionString};EntityPath=invoices`)).toEqual({
      queueName: expect.stringContaining('bound to the queue invoices'),
    })
  })

  it('names TLS where there is none', async () => {
    const fields = await faultOf(broker.connectionString.replace(/;?UseDevelopmentEmulator=true/, ''))
    expect(fields.connectionString).toContain('does not offer TLS with a certificate that is trusted here')
  })

  it('names a host that accepts and stays silent, without waiting for ever', async () => {
    const server = net.createServer((socket) => socket.on('error', () => {}))
    const port = await listen(server)
    const startedAt = Date.now()
    const fields = await faultOf(at(port))
    expect(fields.connectionString).toContain(`127.0.0.1:${port} does not answer`)
    expect(Date.now() - startedAt).toBeLessThan(15_000)
    server.close()
  })

  it('never repeats the key', async () => {
    const text = JSON.stringify(
      await faultOf(broker.connectionString.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc=')),
    )
    expect(text).not.toContain('d3Jvbmc')
  })
})

async function faultOf(connectionString: string, queueName = QUEUE): Promise<Record<string, string>> {
  const error = await testConnection({ connectionString, queueName }).catch((thrown: unknown) => thrown)
  if (error instanceof AppError) return error.fields
  throw new Error(`expected an AppError, got ${error}`)
}

const at = (port: number) =>
  `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=k;SharedAccessKey=a2V5;UseDevelopmentEmulator=true`

const withKey = (name: string, key: string) =>
  `Endpoint=sb://127.0.0.1:${broker.port};SharedAccessKeyName=${name};SharedAccessKey=${key};UseDevelopmentEmulator=true`

function withToken(expiresAtSeconds: number): string {
  const { host, key } = endpointOf(broker.connectionString)
  const resource = encodeURIComponent(`sb://${host}/`)
  const signature = createHmac('sha256', key).update(`${resource}\n${expiresAtSeconds}`).digest('base64')
  const token = `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiresAtSeconds}&skn=RootManageSharedAccessKey`
  return `Endpoint=sb://${host}/;SharedAccessSignature=${token};UseDevelopmentEmulator=true`
}

function endpointOf(connectionString: string): { host: string; key: string } {
  const host = /sb:\/\/([^/;]+)/.exec(connectionString)?.[1] ?? ''
  return { host, key: /SharedAccessKey=([^;]+)/.exec(connectionString)?.[1] ?? '' }
}

function addKey(name: string, key: string, rights: string[]): void {
  const file = path.join(broker.dataDirectory, 'keys.json')
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: unknown[] }
  writeFileSync(file, JSON.stringify({ keys: [...keys, { name, key, rights }] }))
}

function listen(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
  })
}

async function unusedPort(): Promise<number> {
  const server = net.createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
