import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'
import { codeOf, receiveMany, receiveOne } from './receive'

const RETRY = { maxRetries: 0, timeoutInMs: 1500 }

let broker: TestBroker
let client: ServiceBusClient

beforeAll(async () => {
  broker = await testBroker({
    faults: true,
    queues: { attach: {}, busy: {}, lost: {}, twice: {}, locks: {}, drop: {}, detach: {}, frozen: {}, late: {} },
  })
  client = new ServiceBusClient(broker.connectionString, { retryOptions: { ...RETRY } })
})

afterEach(() => fault('DELETE'))

afterAll(async () => {
  await client?.close()
  await broker?.close()
})

async function fault(method: string, path = '', body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${broker.port}/$faults${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return (await response.json()) as Record<string, unknown>
}

async function countIn(queue: string): Promise<number | undefined> {
  return (await administrationClient(broker.connectionString).getQueueRuntimeProperties(queue)).totalMessageCount
}

describe('fault switches', () => {
  it('refuse as many attaches as they are told, of the queue they are told', async () => {
    await fault('PUT', '', { queue: 'attach', refuseAttaches: 1 })
    await client.createSender('busy').createMessageBatch()
    expect(await codeOf(client.createSender('attach').createMessageBatch())).not.toBe('no error')
    expect(await codeOf(client.createSender('attach').createMessageBatch())).toBe('no error')
  })

  it('answer server-busy', async () => {
    await fault('PUT', '', { answerServerBusy: 1 })
    const sender = client.createSender('busy')
    expect(await codeOf(sender.sendMessages({ body: 1 }))).toBe('ServiceBusy')
    await sender.sendMessages({ body: 1 })
    expect(await countIn('busy')).toBe(1)
  })

  it('lose a settlement, or only its answer', async () => {
    await client.createSender('lost').sendMessages([{ body: 1 }, { body: 2 }])
    const receiver = client.createReceiver('lost')
    const [first, second] = await receiveMany(receiver, 2)
    await fault('PUT', '', { loseDispositions: 1 })
    expect(await codeOf(receiver.completeMessage(first as NonNullable<typeof first>))).not.toBe('no error')
    expect(await countIn('lost')).toBe(2)
    await fault('PUT', '', { loseDispositionAnswers: 1 })
    expect(await codeOf(receiver.completeMessage(second as NonNullable<typeof second>))).not.toBe('no error')
    expect(await countIn('lost')).toBe(1)
    await receiver.close()
  })

  it('apply settlements late', async () => {
    await client.createSender('late').sendMessages({ body: 1 })
    const receiver = client.createReceiver('late')
    const message = await receiveOne(receiver)
    await fault('PUT', '', { delayDispositionsMs: 300 })
    const startedAt = Date.now()
    await receiver.completeMessage(message)
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(290)
    await receiver.close()
  })

  it('deliver one message twice; only one of the two can be settled', async () => {
    await fault('PUT', '', { duplicateDeliveries: 1 })
    await client.createSender('twice').sendMessages({ body: 1 })
    const receiver = client.createReceiver('twice')
    const [one, two] = await receiveMany(receiver, 2)
    expect(one?.sequenceNumber).toEqual(two?.sequenceNumber)
    expect(await codeOf(receiver.completeMessage(two as NonNullable<typeof two>))).toBe('MessageLockLost')
    await receiver.completeMessage(one as NonNullable<typeof one>)
    expect(await countIn('twice')).toBe(0)
    await receiver.close()
  })

  it('end locks now', async () => {
    await client.createSender('locks').sendMessages({ body: 1 })
    const receiver = client.createReceiver('locks')
    const message = await receiveOne(receiver)
    expect(await fault('POST', '/expire-locks?queue=locks')).toEqual({ expired: 1 })
    expect(await codeOf(receiver.completeMessage(message))).toBe('MessageLockLost')
    const again = await receiveOne(receiver)
    expect(again.deliveryCount).toBe(1)
    await receiver.completeMessage(again)
    await receiver.close()
  })

  it.each([
    ['drop connections', 'drop', '/drop-connections'],
    ['detach links', 'detach', '/detach-links?queue=detach'],
  ])('%s, and a subscriber with short retries comes back', async (_, queue, path) => {
    const subscriber = new ServiceBusClient(broker.connectionString, {
      retryOptions: { maxRetries: 3, retryDelayInMs: 100, timeoutInMs: 2000 },
    })
    const bodies: unknown[] = []
    const receiver = subscriber.createReceiver(queue)
    receiver.subscribe({
      processMessage: async (message) => void bodies.push(message.body),
      processError: async () => {},
    })
    const sender = new ServiceBusClient(broker.connectionString)
    await sender.createSender(queue).sendMessages({ body: 1 })
    await expect.poll(() => bodies, { timeout: 5000 }).toEqual([1])
    const answer = await fault('POST', path)
    expect(Object.values(answer)[0]).toBeGreaterThan(0)
    await sender.close()
    const again = new ServiceBusClient(broker.connectionString)
    await again.createSender(queue).sendMessages({ body: 2 })
    await expect.poll(() => bodies, { timeout: 10_000 }).toEqual([1, 2])
    await Promise.all([subscriber.close(), again.close()])
  })

  it('freeze: nothing is answered until the thaw, then everything is', async () => {
    const other = new ServiceBusClient(broker.connectionString, { retryOptions: { ...RETRY } })
    const sender = other.createSender('frozen')
    await sender.sendMessages({ body: 1 })
    await fault('POST', '/freeze')
    expect(await codeOf(sender.sendMessages({ body: 2 }))).toBe('ServiceTimeout')
    await fault('POST', '/thaw')
    await expect.poll(() => countIn('frozen')).toBe(2)
    await other.close()
  })

  it.each([[null], [[]], [3], ['late']])('refuse %j instead of switches', async (body) => {
    expect(await fault('PUT', '', body)).toEqual({ error: expect.stringContaining('must be an object of switches') })
  })

  it('refuse a delay that no timer can wait for', async () => {
    const delayDispositionsMs = 3_000_000_000
    expect(await fault('PUT', '', { delayDispositionsMs })).toMatchObject({
      error: expect.stringContaining('3000000000'),
    })
    expect(await fault('GET')).toMatchObject({ delayDispositionsMs: 0 })
  })

  it('name what can be switched when they are asked for something else', async () => {
    expect(await fault('PUT', '', { explode: 1 })).toMatchObject({ error: expect.stringContaining('refuseAttaches') })
    expect(await fault('PUT', '', { refuseAttaches: -1 })).toMatchObject({ error: expect.stringContaining('-1') })
    expect(await fault('POST', '/explode')).toMatchObject({ error: expect.stringContaining('drop-connections') })
  })
})

describe('a broker without --faults', () => {
  it('does not serve them', async () => {
    const plain = await testBroker()
    const response = await fetch(`http://127.0.0.1:${plain.port}/$faults`)
    expect(response.status).toBe(401)
    await plain.close()
  })
})
