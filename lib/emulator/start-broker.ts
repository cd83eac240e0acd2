import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { type AccessKey, loadNamespaceKeys, newRootKey } from './access-keys'
import { faultRoutes } from './admin-http/fault-routes'
import { createAdminServer } from './admin-http/http-server'
import { type Clock, systemClock } from './clock'
import type { BrokerConfig } from './config'
import { Faults } from './faults'
import { compactJournal } from './journal/compaction'
import { Journal } from './journal/journal'
import { journalStore, memoryStore } from './journal/journal-store'
import { openJournal } from './journal/open-journal'
import { type AmqpError, diskFailed } from './links/amqp-error'
import { AmqpServer } from './links/amqp-server'
import { type Broker, DEFAULT_LIMITS, type Limits } from './links/broker'
import { Namespace, type NamespaceStore } from './namespace'
import { PortServer } from './port-server'
import { startTicking } from './ticking'

const TOKEN_CHECK_MS = 5000
const COMPACTION_CHECK_MS = 2000
const COMPACT_ABOVE_BYTES = 64 * 1024 * 1024
/** A journal is worth compacting when it is this many times what is alive. */
const COMPACT_RATIO = 4
const GOODBYE_MS = 100

export type BrokerOptions = {
  host: string
  port: number
  /** Undefined: everything is kept in memory only. */
  dataDirectory: string | undefined
  config: BrokerConfig
  sync: boolean
  salvage: boolean
  /** Serve the fault switches. */
  faults: boolean
  tls: { key: string; cert: string } | undefined
  log(message: string): void
  /** The disk failed: nothing can be acknowledged any more. Called after the clients were told. */
  onFailure(error: Error): void
  /** Other than the system's, for tests. */
  clock?: Clock
  /** Other than the usual limits, for tests. */
  limits?: Partial<Limits>
}

export type RunningBroker = { port: number; rootKey: AccessKey; namespace: Namespace; close(): Promise<void> }

/** Starts in this order: state from disk, queues of the configuration, timers, port. `close` is the reverse. */
export async function startBroker(options: BrokerOptions): Promise<RunningBroker> {
  // Set when there are clients to tell.
  let sayGoodbye = (_error: AmqpError) => {}
  const { namespace, journal } = openNamespace({
    ...options,
    onFailure(error) {
      sayGoodbye(diskFailed(error))
      setTimeout(() => options.onFailure(error), GOODBYE_MS)
    },
  })
  for (const { name, properties } of options.config.queues) {
    if (!namespace.find(name)) namespace.createQueue(name, properties)
  }
  const broker: Broker = {
    namespace,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    faults: new Faults(),
    trackingId: randomUUID(),
    log: options.log,
  }
  const amqp = new AmqpServer(broker)
  sayGoodbye = (error) => amqp.closeConnections(error)
  const http = createAdminServer(broker, options.faults ? faultRoutes(broker, amqp) : undefined)
  const port = new PortServer({
    amqp: (socket) => amqp.accept(socket),
    http: (socket) => http.emit('connection', socket),
    secureContext: options.tls && createSecureContext(options.tls),
    maxConnections: broker.limits.maxConnections,
    maxOpeningMs: broker.limits.maxOpeningMs,
  })
  const portNumber = await port.listen(options.port, options.host)
  const stopTicking = startTicking(namespace, options.log)
  const timers = [
    setInterval(() => amqp.closeExpiredLinks(), TOKEN_CHECK_MS),
    ...(journal ? [startCompaction(journal, namespace, options)] : []),
  ]
  return {
    port: portNumber,
    rootKey: namespace.keys[0] as AccessKey,
    namespace,
    async close() {
      stopTicking()
      for (const timer of timers) clearInterval(timer)
      port.stopListening()
      amqp.closeConnections()
      await new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))
      port.destroyAll()
      http.close()
      await journal?.close()
    },
  }
}

function openNamespace(options: BrokerOptions): { namespace: Namespace; journal: Journal | undefined } {
  const name = options.config.namespaceName ?? 'headrace'
  const { dataDirectory, log } = options
  const create = (keys: AccessKey[], store: NamespaceStore) =>
    new Namespace({ name, keys, clock: options.clock ?? systemClock, store })
  if (dataDirectory === undefined) return { namespace: create([newRootKey()], memoryStore), journal: undefined }
  const directory = join(dataDirectory, 'journal')
  const { replay, number, notices } = openJournal(directory, options.salvage)
  for (const notice of notices) log(notice)
  const journal = new Journal({ directory, number, sync: options.sync, onFailure: options.onFailure })
  const namespace = create(loadNamespaceKeys(join(dataDirectory, 'keys.json')), journalStore(journal))
  namespace.restore(replay.queues.values())
  return { namespace, journal }
}

function startCompaction(journal: Journal, namespace: Namespace, options: BrokerOptions): NodeJS.Timeout {
  const directory = join(options.dataDirectory ?? '', 'journal')
  let running = false
  return setInterval(async () => {
    if (running || journal.sizeBytes < Math.max(COMPACT_ABOVE_BYTES, COMPACT_RATIO * liveBytes(namespace))) return
    running = true
    try {
      await compactJournal(directory, journal, namespace.list())
      options.log('the journal was compacted')
    } catch (error) {
      options.onFailure(error as Error)
    }
    running = false
  }, COMPACTION_CHECK_MS)
}

function liveBytes(namespace: Namespace): number {
  return namespace
    .list()
    .reduce((sum, entity) => sum + entity.queue.store.sizeBytes + entity.deadLetters.store.sizeBytes, 0)
}
