import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { codeOf, receiveMany } from './receive'

let broker: TestBroker
let client: ServiceBusClient

beforeAll(async () => {
  const sessions = { requiresSession: true, lockDurationMs: 5000 }
  broker = await testBroker({
    queues: {
      order: sessions,
      next: sessions,
      state: sessions,
      lost: { ...sessions, lockDurationMs: 700, maxDeliveryCount: 5 },
      closed: sessions,
      refused: sessions,
      fraction: { ...sessions, lockDurationMs: 5000.6 },
    },
  })
  client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 1500 } })
})

afterAll(async () => {
  await client?.close()
  await broker?.close()
})

async function sendTo(queue: string, sessionId: string, ...bodies: number[]): Promise<void> {
  await client.createSender(queue).sendMessages(bodies.map((body) => ({ body, sessionId })))
}

describe('sessions', () => {
  it('keep the order of their messages and belong to one receiver', async () => {
    await sendTo('order', 'a', 1, 2, 3)
    const session = await client.acceptSession('order', 'a')
    expect(await codeOf(client.acceptSession('order', 'a'))).toBe('SessionCannotBeLocked')
    const messages = await receiveMany(session, 3)
    expect(messages.map((message) => message.body)).toEqual([1, 2, 3])
    for (const message of messages) await session.completeMessage(message)
    await session.close()
  })

  it('are handed out in turn to those who ask for the next one, and time out when there is none', async () => {
    await sendTo('next', 'x', 1)
    await sendTo('next', 'y', 2)
    const first = await client.acceptNextSession('next')
    const second = await client.acceptNextSession('next')
    expect([first.sessionId, second.sessionId].sort()).toEqual(['x', 'y'])
    expect(await codeOf(client.acceptNextSession('next'))).toBe('ServiceTimeout')
    await Promise.all([first.close(), second.close()])
  })

  it('come to a receiver that waits as soon as they have a message', async () => {
    const waiting = client.acceptNextSession('order')
    await sendTo('order', 'late', 9)
    const session = await waiting
    expect(session.sessionId).toBe('late')
    const [message] = await receiveMany(session, 1)
    await session.completeMessage(message as NonNullable<typeof message>)
    await session.close()
  })

  it('are locked for whole milliseconds where the queue’s lock duration has a fraction', async () => {
    const session = await client.acceptSession('fraction', 'a')
    expect(session.sessionLockedUntilUtc.getTime()).toBeGreaterThan(Date.now())
    await session.close()
    const waiting = client.acceptNextSession('fraction')
    await sendTo('fraction', 'b', 1)
    await (await waiting).close()
  })

  it('have a state and a lock that can be renewed', async () => {
    await sendTo('state', 's', 1)
    const session = await client.acceptSession('state', 's')
    expect(await session.getSessionState()).toBeNull()
    await session.setSessionState({ step: 1 })
    const before = session.sessionLockedUntilUtc
    const until = await session.renewSessionLock()
    expect(until.getTime()).toBeGreaterThan(before.getTime())
    await session.close()
    await broker.restart()
    const again = await client.acceptSession('state', 's')
    expect(await again.getSessionState()).toEqual({ step: 1 })
    await again.setSessionState(null)
    expect(await again.getSessionState()).toBeNull()
    await again.close()
  })

  it('are lost with their lock: settling fails, the messages come again and are counted', async () => {
    await sendTo('lost', 'l', 1)
    const session = await client.acceptSession('lost', 'l', { maxAutoLockRenewalDurationInMs: 0 })
    const [message] = await receiveMany(session, 1)
    let again = session
    await expect
      .poll(
        async () => {
          try {
            again = await client.acceptSession('lost', 'l')
            return 'accepted'
          } catch (error) {
            return (error as { code?: string }).code
          }
        },
        { timeout: 5000 },
      )
      .toBe('accepted')
    expect(await codeOf(session.completeMessage(message as NonNullable<typeof message>))).toBe('SessionLockLost')
    const [second] = await receiveMany(again, 1)
    expect(second?.deliveryCount).toBe(1)
    await Promise.all([session.close(), again.close()])
  })

  it('that are closed give their messages back uncounted', async () => {
    await sendTo('closed', 'c', 1)
    const session = await client.acceptSession('closed', 'c')
    await receiveMany(session, 1)
    await session.close()
    const again = await client.acceptSession('closed', 'c')
    const [message] = await receiveMany(again, 1)
    expect(message?.deliveryCount).toBe(0)
    await again.close()
  })

  it('are required of senders and receivers alike', async () => {
    expect(await codeOf(client.createSender('refused').sendMessages({ body: 1 }))).not.toBe('no error')
    const plain = client.createReceiver('refused').receiveMessages(1, { maxWaitTimeInMs: 300 })
    await expect(plain).rejects.toThrow(/requires sessions/)
  })
})
