import type { QueueProperties } from '../../queue/properties'

/** What a client can do here: fully, not at all (with the words its failure must contain), or it has no such call. */
export type Ability = 'can' | 'has none' | { cannot: RegExp; because: string }

export const CLIENTS = ['javascript', 'python', 'python-guide'] as const
export type ClientName = (typeof CLIENTS)[number]

/** One thing that a client's program tries, on a queue of its own with the capability's name. */
export type Capability = {
  title: string
  queue?: Partial<QueueProperties>
  /** What differs from `can`. */
  differs?: Partial<Record<ClientName, Ability>>
}

const SHORT_LOCK = { lockDurationMs: 2000 }
const SESSIONS = { requiresSession: true }
const NOT_SERVED = (words: RegExp, because: string): Capability['differs'] => {
  const ability = { cannot: words, because }
  return { javascript: ability, python: ability, 'python-guide': ability }
}

export const CAPABILITIES: Record<string, Capability> = {
  'send-one': { title: 'send one message, receive it with all its properties' },
  'send-batch': { title: 'send a list and a batch; the batch’s limit is the broker’s' },
  stream: { title: 'receive a stream of 100 messages, each once, in order' },
  many: { title: 'receive 2,200 messages on one receiver' },
  'receive-and-delete': { title: 'receive and delete' },
  complete: { title: 'complete' },
  abandon: { title: 'abandon; the message comes again, counted' },
  'max-deliveries': { title: 'find it dead-lettered after the last delivery', queue: { maxDeliveryCount: 2 } },
  'dead-letter': { title: 'dead-letter with reason and description; receive from the dead-letter queue' },
  defer: { title: 'defer, and receive by sequence number' },
  'settle-by-management': { title: 'complete, abandon, defer and dead-letter deferred messages through `$management`' },
  peek: { title: 'peek, from where it stopped and from a number on' },
  schedule: { title: 'schedule messages, and cancel one' },
  'time-to-live': {
    title: 'find an expired message in the dead-letter queue',
    queue: { deadLetteringOnExpiration: true },
  },
  duplicates: { title: 'send an id twice: the second is dropped', queue: { requiresDuplicateDetection: true } },
  'renew-lock': { title: 'renew a lock' },
  'renew-automatically': { title: 'keep a lock while a handler runs longer', queue: { lockDurationMs: 6000 } },
  'session-by-id': { title: 'accept a session by its id; messages in order', queue: SESSIONS },
  'session-next': { title: 'accept the next free session', queue: SESSIONS },
  'session-state': { title: 'keep and read a session’s state', queue: SESSIONS },
  'session-clear': {
    title: 'clear a session’s state',
    queue: SESSIONS,
    differs: { 'python-guide': { cannot: /NoneType/, because: 'fails in itself' } },
  },
  'session-renew': { title: 'renew a session’s lock', queue: SESSIONS },
  'session-list': {
    title: 'list sessions, all or those whose state changed since',
    queue: SESSIONS,
    differs: { javascript: 'has none', 'python-guide': 'has none' },
  },
  'error-not-found': { title: 'error: the queue does not exist' },
  'error-unauthorized': { title: 'error: wrong key, unknown key name' },
  'error-claim': { title: 'error: the key lacks the right' },
  'error-disabled': { title: 'error: the queue is disabled', queue: { status: 'Disabled' } },
  'error-too-large': { title: 'error: the message is too large' },
  'error-quota': { title: 'error: the queue is full', queue: { maxSizeInMegabytes: 1 } },
  'error-lock-lost': { title: 'error: the lock is lost, on settling and on renewing', queue: SHORT_LOCK },
  'error-message-not-found': { title: 'error: no deferred message with this number' },
  'error-server-busy': { title: 'error: the server is busy' },
  'error-session-required': { title: 'error: a plain receiver on a queue with sessions', queue: SESSIONS },
  'error-session-busy': { title: 'error: another receiver has the session', queue: SESSIONS },
  'error-session-timeout': {
    title: 'error: no session is free in the time that the client gives',
    queue: SESSIONS,
    differs: { 'python-guide': 'has none' },
  },
  'error-session-lost': {
    title: 'error: the session’s lock is lost, on settling and on renewing',
    queue: { ...SESSIONS, ...SHORT_LOCK },
  },
  'admin-namespace': { title: 'administration: read the namespace' },
  'admin-queue': { title: 'administration: create, read, update, list and delete a queue' },
  'admin-counts': { title: 'administration: runtime counts' },
  'admin-errors': { title: 'administration: errors for what exists, is missing, is wrong or not allowed' },
  plain: { title: 'connect over plain TCP', differs: { 'python-guide': 'has none' } },
  tls: { title: 'connect over TLS, with an authority of one’s own' },
  asyncio: { title: 'use its asyncio form', differs: { javascript: 'has none' } },
  topics: { title: 'create a topic', differs: NOT_SERVED(/[Tt]opic/, 'not served yet') },
  forwarding: { title: 'create a queue that forwards', differs: NOT_SERVED(/ForwardTo/, 'not served yet') },
}

export function abilityOf(client: ClientName, capability: Capability): Ability {
  return capability.differs?.[client] ?? 'can'
}
