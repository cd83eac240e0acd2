import { createHmac, randomUUID } from 'node:crypto'
import type { Connection } from 'rhea'
import { once } from './test-connection'

/** A shared access signature, as the SDKs make it. */
export function signToken(key: { name: string; key: string }, uri: string, expiresAtMs: number): string {
  const resource = encodeURIComponent(uri)
  const expiry = Math.floor(expiresAtMs / 1000)
  const signature = createHmac('sha256', key.key).update(`${resource}\n${expiry}`).digest('base64')
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${key.name}`
}

export type TokenAnswer = { status: unknown; description: unknown }

/** Shows a token for a queue to `$cbs`, as a client that knows nothing but the protocol. */
export async function putToken(connection: Connection, queue: string, token: string): Promise<TokenAnswer> {
  const name = `cbs-${randomUUID()}`
  const answers = connection.open_receiver({ name, source: '$cbs' })
  const requests = connection.open_sender('$cbs')
  await Promise.all([once(answers, 'receiver_open'), once(requests, 'sendable')])
  const answered = new Promise<{ message?: { application_properties?: Record<string, unknown> } }>((resolve) =>
    answers.once('message', resolve),
  )
  requests.send({
    message_id: randomUUID(),
    reply_to: name,
    application_properties: {
      operation: 'put-token',
      type: 'servicebus.windows.net:sastoken',
      name: `sb://127.0.0.1/${queue}`,
    },
    body: token,
  })
  const properties = (await answered).message?.application_properties
  for (const link of [answers, requests]) link.close()
  return { status: properties?.['status-code'], description: properties?.['status-description'] }
}
