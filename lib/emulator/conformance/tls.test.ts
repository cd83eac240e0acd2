import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { ServiceBusAdministrationClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeAuthority } from '@/lib/testing/test-authority'

let directory: string
let broker: TestBroker
let ca: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-tls-'))
  const { caFile, certFile, keyFile } = makeAuthority(directory)
  ca = readFileSync(caFile, 'utf8')
  broker = await testBroker({ args: ['--tls-cert', certFile, '--tls-key', keyFile] })
})

afterAll(async () => {
  await broker?.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('TLS on the same port', () => {
  it('carries the administration client as it is, over https', async () => {
    const administration = new ServiceBusAdministrationClient(broker.connectionString, { tlsOptions: { ca } } as never)
    expect(await administration.getQueue('my-queue')).toMatchObject({ name: 'my-queue' })
  })

  it('carries HTTP', async () => {
    const status = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: broker.port, path: '/health', ca }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(200)
  })

  it('carries AMQP: the broker answers the protocol header', async () => {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: broker.port, ca }, () =>
        socket.write(Buffer.from('AMQP\x03\x01\0\0', 'latin1')),
      )
      socket.on('error', reject)
      socket.once('data', (data) => {
        socket.destroy()
        resolve(data)
      })
    })
    expect(answer.subarray(0, 8).toString('latin1')).toBe('AMQP\x03\x01\0\0')
    expect(answer.toString('latin1')).toContain('ANONYMOUS')
  })
})
