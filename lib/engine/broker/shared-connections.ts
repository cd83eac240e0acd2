import type { Broker, ConnectBroker, ReceiverListener } from './port'

/**
 * An idle connection costs more than an idle link, and a busy link shares its connection's turns with all others: so
 * many flows go together.
 */
const FLOWS_PER_CONNECTION = 20
/** Who comes later gets a fresh connection: it may come because something is wrong with the one it had. */
const OPEN_FOR_MS = 20_000

type Shared = { broker: Broker; users: number; openUntil: number }

/**
 * Lets flows with the same connection string that start together share connections. A connection takes no more of them
 * once one has seen a fault; it is closed with its last user.
 */
export function shareConnections(connect: ConnectBroker): ConnectBroker {
  const newest = new Map<string, Shared>()
  return (connectionString, options) => {
    const key = `${options?.patience} ${connectionString}`
    const known = newest.get(key)
    const hasRoom = known && known.users < FLOWS_PER_CONNECTION && Date.now() < known.openUntil
    const shared = hasRoom
      ? known
      : { broker: connect(connectionString, options), users: 0, openUntil: Date.now() + OPEN_FOR_MS }
    newest.set(key, shared)
    return joinConnection(shared, () => {
      if (newest.get(key) === shared) newest.delete(key)
    })
  }
}

function joinConnection(shared: Shared, onLast: () => void): Broker {
  const { broker } = shared
  const takeNoMore = () => {
    shared.openUntil = 0
  }
  let isClosed = false
  shared.users += 1
  return {
    ...broker,
    receive: (queueName, slots, listener) => broker.receive(queueName, slots, noticingFaults(listener, takeNoMore)),
    close: async () => {
      if (isClosed) return
      isClosed = true
      shared.users -= 1
      if (shared.users > 0) return
      onLast()
      await broker.close()
    },
  }
}

function noticingFaults(listener: ReceiverListener, onFault: () => void): ReceiverListener {
  return {
    ...listener,
    onFault: (fault, nextTryAt) => {
      onFault()
      listener.onFault(fault, nextTryAt)
    },
  }
}
