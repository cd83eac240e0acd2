import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { ServiceBusClient } from '@azure/service-bus'
import { receiveMany, receiveOne } from '../../receive'
import { bodies, fails, TLS, withClient } from './connecting'
import type { Check } from './main'

const send = (client: ServiceBusClient, queue: string, sessionId: string, ...sent: unknown[]) =>
  client.createSender(queue).sendMessages(sent.map((body) => ({ body, sessionId })))

const NO_RENEWAL = { maxAutoLockRenewalDurationInMs: 0 }

export const sessionChecks: Record<string, Check> = {
  'session-by-id': (queue) =>
    withClient(async (client) => {
      await send(client, queue, 'b', 'b1')
      await send(client, queue, 'a', 'a1', 'a2')
      assert.deepEqual(bodies(await receiveMany(await client.acceptSession(queue, 'a'), 2)), ['a1', 'a2'])
    }),
  'session-next': (queue) =>
    withClient(async (client) => {
      for (const id of ['a', 'b']) await send(client, queue, id, id)
      const [one, other] = [await client.acceptNextSession(queue), await client.acceptNextSession(queue)]
      assert.deepEqual([one.sessionId, other.sessionId].sort(), ['a', 'b'])
      for (const session of [one, other]) assert.equal((await receiveOne(session)).sessionId, session.sessionId)
    }),
  'session-state': (queue) =>
    withClient(async (client) => {
      await send(client, queue, 's', 1)
      const session = await client.acceptSession(queue, 's')
      assert.equal(await session.getSessionState(), null)
      await session.setSessionState('half way')
      await session.close()
      assert.equal(String(await (await client.acceptSession(queue, 's')).getSessionState()), 'half way')
    }),
  'session-clear': (queue) =>
    withClient(async (client) => {
      await send(client, queue, 's', 1)
      const session = await client.acceptSession(queue, 's')
      await session.setSessionState('half way')
      await session.setSessionState(null)
      assert.equal(await session.getSessionState(), null)
    }),
  'session-renew': (queue) =>
    withClient(async (client) => {
      await send(client, queue, 's', 1)
      const session = await client.acceptSession(queue, 's', NO_RENEWAL)
      const before = session.sessionLockedUntilUtc
      await wait(20)
      assert((await session.renewSessionLock()) > before)
    }),
  'error-session-busy': (queue) =>
    withClient(async (client) => {
      await send(client, queue, 's', 1)
      await client.acceptSession(queue, 's')
      await fails('SessionCannotBeLocked', client.acceptSession(queue, 's'))
    }),
  // The client tells the broker its own timeout.
  'error-session-timeout': (queue) =>
    withClient(async (client) => fails('ServiceTimeout', client.acceptNextSession(queue)), TLS, 1500),
  'error-session-lost': (queue) =>
    withClient(async (client) => {
      await send(client, queue, 's', 1)
      const session = await client.acceptSession(queue, 's', NO_RENEWAL)
      const message = await receiveOne(session)
      await wait(2500)
      await fails('SessionLockLost', session.completeMessage(message))
      await fails('SessionLockLost', session.renewSessionLock())
    }),
  'error-session-required': (queue) =>
    withClient(async (client) => {
      const plain = client.createReceiver(queue).receiveMessages(1, { maxWaitTimeInMs: 300 })
      await fails('GeneralError', plain)
      await assert.rejects(plain, /requires sessions/)
    }),
}
