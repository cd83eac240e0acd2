import type { ServiceBusClient } from '@azure/service-bus'
import Long from 'long'
import { fails, TLS, withClient } from './connecting'
import type { Check } from './main'

const send = (client: ServiceBusClient, queue: string, body: unknown = 1) =>
  client.createSender(queue).sendMessages({ body })
const receive = (client: ServiceBusClient, queue: string) =>
  client.createReceiver(queue).receiveMessages(1, { maxWaitTimeInMs: 300 })

const schedule = (client: ServiceBusClient, queue: string, body: unknown = 1) =>
  client.createSender(queue).scheduleMessages({ body }, new Date(Date.now() + 60_000))

function withKey(name: string, key: string): string {
  return TLS.replace(/SharedAccessKeyName=.*/, `SharedAccessKeyName=${name};SharedAccessKey=${key}`)
}

export const errorChecks: Record<string, Check> = {
  'error-not-found': (queue) =>
    withClient(async (client) => {
      await fails('MessagingEntityNotFound', send(client, `${queue}-nowhere`))
      await fails('MessagingEntityNotFound', receive(client, `${queue}-nowhere`))
      await fails('MessagingEntityNotFound', client.createReceiver(`${queue}-nowhere`).peekMessages(1))
    }),
  'error-unauthorized': async (queue) => {
    for (const name of ['RootManageSharedAccessKey', 'Nobody']) {
      await withClient((client) => fails('UnauthorizedAccess', send(client, queue)), withKey(name, 'd3Jvbmc='))
    }
  },
  'error-claim': (queue) =>
    withClient((client) => fails('UnauthorizedAccess', send(client, queue)), withKey('listener', 'listen-only')),
  'error-disabled': (queue) =>
    withClient(async (client) => {
      await fails('MessagingEntityDisabled', send(client, queue))
      await fails('MessagingEntityDisabled', receive(client, queue))
      await fails('MessagingEntityDisabled', schedule(client, queue))
    }),
  'error-too-large': (queue) =>
    withClient(async (client) => {
      await fails('MessageSizeExceeded', send(client, queue, 'x'.repeat(1_100_000)))
      await fails('MessageSizeExceeded', schedule(client, queue, 'x'.repeat(1_100_000)))
    }),
  'error-quota': (queue) =>
    withClient(async (client) => {
      await send(client, queue, 'x'.repeat(900_000))
      await fails('QuotaExceeded', send(client, queue, 'x'.repeat(900_000)))
      await fails('QuotaExceeded', schedule(client, queue, 'x'.repeat(900_000)))
    }),
  'error-message-not-found': (queue) =>
    withClient((client) =>
      fails('MessageNotFound', client.createReceiver(queue).receiveDeferredMessages(Long.fromNumber(42))),
    ),
  'error-server-busy': (queue) =>
    withClient(async (client) => {
      const body = JSON.stringify({ queue, answerServerBusy: 1 })
      await fetch(`${process.env.HTTP}/$faults`, { method: 'PUT', body })
      await fails('ServiceBusy', send(client, queue))
      await send(client, queue)
    }),
}
