import rhea, { type Connection } from 'rhea'
import { type BrokerOptions, type RunningBroker, startBroker } from '../start-broker'

/** A broker inside the test's process: its state can be looked at, its clock and limits set. Kept in memory only. */
export function startInProcess(options: Partial<BrokerOptions> = {}): Promise<RunningBroker> {
  return startBroker({
    host: '127.0.0.1',
    port: 0,
    dataDirectory: undefined,
    config: { namespaceName: undefined, queues: [{ name: 'open', properties: {} }], topics: [], ignored: [] },
    sync: false,
    salvage: false,
    faults: false,
    tls: undefined,
    log() {},
    onFailure(error) {
      throw error
    },
    ...options,
  })
}

/** A generic AMQP client that proves itself with PLAIN. */
export function connectTo({ port, rootKey }: RunningBroker, options: Record<string, unknown> = {}): Connection {
  const proof = { username: rootKey.name, password: rootKey.key }
  const connection = rhea
    .create_container()
    .connect({ host: '127.0.0.1', port, reconnect: false, ...proof, ...options } as never)
  // rhea throws errors that nobody listens to.
  for (const event of ['connection_error', 'disconnected', 'sender_error', 'receiver_error'])
    connection.on(event, () => {})
  return connection
}

export function once(emitter: { once(event: string, listener: () => void): unknown }, event: string): Promise<void> {
  return new Promise((resolve) => emitter.once(event, () => resolve()))
}

/** rhea keeps 2,048 deliveries of a session: no more are under way. */
const AT_ONCE = 500

/** Sends messages with numbers as bodies, and resolves when the broker has accepted all. */
export async function sendNumbered(
  connection: Connection,
  queue: string,
  count: number,
  fields: Record<string, unknown>,
): Promise<void> {
  const sender = connection.open_sender(queue)
  await once(sender, 'sendable')
  let sent = 0
  let accepted = 0
  await new Promise<void>((resolve) => {
    const fill = () => {
      while (sent < count && sent - accepted < AT_ONCE && sender.sendable()) sender.send({ body: sent++, ...fields })
    }
    sender.on('accepted', () => {
      accepted++
      if (accepted === count) resolve()
      else fill()
    })
    fill()
  })
  sender.close()
}
