import type { AccessKey } from './access-keys'
import type { Clock } from './clock'
import { type Entity, parseEntityPath } from './entity'
import type { RestoredQueue } from './journal/restored-state'
import type { QueueLog } from './queue/log'
import { DEFAULT_QUEUE_PROPERTIES, deadLetterProperties, type QueueProperties } from './queue/properties'
import { MessageQueue } from './queue/queue'

export type WhenDurable = (error?: Error) => void

/** Where the namespace keeps itself. All calls return at once; `whenDurable` answers later. */
export type NamespaceStore = QueueLog & {
  queueSaved(entity: Entity): void
  queueDropped(queueId: number): void
  /** Calls back when everything told so far would survive a crash; with the error when the disk has failed. */
  whenDurable(done: WhenDurable): void
}

export type NamespaceOptions = { name: string; keys: AccessKey[]; clock: Clock; store: NamespaceStore }

/** The queues and keys of one namespace. */
export class Namespace {
  readonly name: string
  readonly keys: AccessKey[]
  readonly clock: Clock
  readonly createdAtMs: number
  readonly #store: NamespaceStore
  readonly #entities = new Map<string, Entity>()
  readonly #deletionListeners: ((entity: Entity) => void)[] = []
  #nextId = 1

  constructor(options: NamespaceOptions) {
    this.name = options.name
    this.keys = options.keys
    this.clock = options.clock
    this.createdAtMs = options.clock()
    this.#store = options.store
  }

  /** The queue or dead-letter queue at an address, in any case; undefined when there is none. */
  find(address: string): { entity: Entity; queue: MessageQueue } | undefined {
    const { name, isDeadLetter } = parseEntityPath(address)
    const entity = this.#entities.get(name)
    return entity && { entity, queue: isDeadLetter ? entity.deadLetters : entity.queue }
  }

  /** Sorted by name. */
  list(): Entity[] {
    return [...this.#entities.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The namespace's keys and, for a path inside a queue, that queue's. */
  keysFor(path: string): AccessKey[] {
    const queueKeys = this.find(path.replace(/\/\$management$/, ''))?.entity.keys ?? []
    return [...this.keys, ...queueKeys]
  }

  /** Throws when the name is taken. */
  createQueue(name: string, properties: Partial<QueueProperties> = {}, keys: AccessKey[] = []): Entity {
    if (this.#entities.has(name.toLowerCase())) throw new Error(`the queue ${name} exists already`)
    const nowMs = this.clock()
    const id = this.#nextId
    const entity = this.#addEntity({
      id,
      deadLetterId: id + 1,
      name,
      properties: { ...DEFAULT_QUEUE_PROPERTIES, ...properties },
      keys,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    })
    this.#store.queueSaved(entity)
    return entity
  }

  updateQueue(entity: Entity, properties: QueueProperties, keys: AccessKey[] = entity.keys): void {
    const nowMs = this.clock()
    entity.queue.changeProperties(properties, nowMs)
    entity.deadLetters.changeProperties(deadLetterProperties(properties), nowMs)
    entity.keys = keys
    entity.updatedAtMs = nowMs
    this.#store.queueSaved(entity)
  }

  deleteQueue(entity: Entity): void {
    this.#entities.delete(entity.name.toLowerCase())
    this.#store.queueDropped(entity.queue.id)
    for (const listener of this.#deletionListeners) listener(entity)
  }

  onDeletion(listener: (entity: Entity) => void): void {
    this.#deletionListeners.push(listener)
  }

  /** Puts back what the journal kept. */
  restore(queues: Iterable<RestoredQueue>): void {
    for (const restored of queues) {
      const entity = this.#addEntity(restored)
      for (const [queue, contents] of [
        [entity.queue, restored.main],
        [entity.deadLetters, restored.dead],
      ] as const) {
        for (const [id, { state, changedAtMs }] of contents.sessions) {
          const session = queue.sessions.findOrCreate(id)
          session.state = state
          session.stateChangedAtMs = changedAtMs
        }
        const seen = [...contents.seen].sort(([, a], [, b]) => a - b)
        for (const [messageId, seenAtMs] of seen) queue.duplicates.restore(messageId, seenAtMs)
        queue.restore(contents.messages.values())
        queue.store.lastSequenceNumber = Math.max(queue.store.lastSequenceNumber, contents.lastSequenceNumber)
      }
    }
  }

  whenDurable(done: WhenDurable): void {
    this.#store.whenDurable(done)
  }

  /** The queues and dead-letter queues in which time changes something. */
  *busyQueues(): Generator<MessageQueue> {
    for (const { queue, deadLetters } of this.#entities.values()) {
      if (queue.busy) yield queue
      if (deadLetters.busy) yield deadLetters
    }
  }

  #addEntity(saved: Omit<RestoredQueue, 'main' | 'dead'>): Entity {
    const { name, properties } = saved
    const dead = new MessageQueue(saved.deadLetterId, name, deadLetterProperties(properties), this.#store, null)
    const entity: Entity = {
      name,
      queue: new MessageQueue(saved.id, name, properties, this.#store, dead),
      deadLetters: dead,
      keys: saved.keys,
      createdAtMs: saved.createdAtMs,
      updatedAtMs: saved.updatedAtMs,
      accessedAtMs: saved.updatedAtMs,
    }
    this.#entities.set(name.toLowerCase(), entity)
    this.#nextId = Math.max(this.#nextId, saved.deadLetterId + 1, saved.id + 1)
    return entity
  }
}
