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
