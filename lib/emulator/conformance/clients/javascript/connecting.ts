import { readFileSync } from 'node:fs'
import {
  type ServiceBusAdministrationClient,
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
  ServiceBusAdministrationClient as TlsAdministrationClient,
} from '@azure/service-bus'
import { codeOf } from '../../receive'

/** This client has no such call. */
export class Absent extends Error {}

export const PLAIN = String(process.env.CONNECTION_STRING)
export const TLS = PLAIN.replace(';UseDevelopmentEmulator=true', '')

/** Opens a client over TLS (its authority comes from NODE_EXTRA_CA_CERTS), uses it and closes it. */
export async function withClient<Result>(
  use: (client: ServiceBusClient) => Promise<Result>,
  connectionString = TLS,
  timeoutInMs = 20_000,
): Promise<Result> {
  const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs } })
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

export function administration(connectionString = TLS): ServiceBusAdministrationClient {
  const tlsOptions = { ca: readFileSync(String(process.env.CA_FILE)) }
  return new TlsAdministrationClient(connectionString, { tlsOptions, retryOptions: { maxRetries: 0 } } as never)
}

export async function totalCount(queue: string): Promise<number> {
  return (await administration().getQueueRuntimeProperties(queue)).totalMessageCount ?? 0
}

/** The operation must fail with the client's own code for it. */
export async function fails(code: string, operation: Promise<unknown>): Promise<void> {
  const found = await codeOf(operation)
  if (found !== code) throw new Error(`${found} instead of ${code}`)
}

export function bodies(messages: ServiceBusReceivedMessage[]): unknown[] {
  return messages.map((message) => message.body)
}

export async function peekBodies(receiver: ServiceBusReceiver, count: number): Promise<unknown[]> {
  return bodies(await receiver.peekMessages(count))
}
