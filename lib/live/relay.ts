import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Logger } from '@/lib/logger'
import { deliverLive, deliverMissed, followPublished, type LiveTopic } from './bus'

const CHANNEL = 'headrace_live'
/** Changes that come within this time are told together: a busy flow changes hundreds of times a second. */
const GATHER_MS = 100
const RECONNECT_MS = 1_000
/** Postgres takes payloads of less than 8,000 bytes. */
const TOPICS_PER_NOTICE = 100

type Notice = { from: string; topics: LiveTopic[] }

/**
 * Joins the live buses of the processes that share a database, by Postgres' LISTEN and NOTIFY over a connection of its
 * own. While the database is away nothing is told; when it is back everybody looks at everything once.
 */
export function startLiveRelay(databaseUrl: string, logger: Logger): { ready: Promise<void>; stop(): Promise<void> } {
  const relay = new LiveRelay(databaseUrl, logger)
  return { ready: relay.connect(), stop: () => relay.stop() }
}

class LiveRelay {
  readonly #databaseUrl: string
  readonly #logger: Logger
  /** Postgres tells the sender too. */
  readonly #name = randomUUID()
  readonly #pending = new Set<LiveTopic>()
  readonly #unfollow: () => void
  #client: pg.Client | undefined
  #gather: NodeJS.Timeout | undefined
  /** One query at a time: what is published meanwhile is told next. */
  #telling: Promise<void> = Promise.resolve()
  #reconnect: NodeJS.Timeout | undefined
  #hasMissed = false
  #isStopped = false

  constructor(databaseUrl: string, logger: Logger) {
    this.#databaseUrl = databaseUrl
    this.#logger = logger
    this.#unfollow = followPublished((topics) => this.#onPublished(topics))
  }

  /** Never rejects: a database that is away is tried again. */
  async connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#databaseUrl, keepAlive: true })
    client.on('notification', ({ payload }) => this.#onNotice(payload ?? ''))
    client.on('error', (error) => this.#onLost(client, error))
    client.on('end', () => this.#onLost(client))
    try {
      await client.connect()
      await client.query(`LISTEN ${CHANNEL}`)
    } catch (error) {
      this.#onLost(client, error)
      return
    }
    if (this.#isStopped) return await client.end()
    this.#client = client
    if (this.#hasMissed) deliverMissed()
    this.#hasMissed = false
  }

  async stop(): Promise<void> {
    this.#unfollow()
    this.#isStopped = true
    clearTimeout(this.#reconnect)
    clearTimeout(this.#gather)
    await this.#tell()
    await this.#client?.end().catch(() => {})
  }

  #onPublished(topics: readonly LiveTopic[]): void {
    for (const topic of topics) this.#pending.add(topic)
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined
      void this.#tell()
    }, GATHER_MS)
  }

  #tell(): Promise<void> {
    this.#telling = this.#telling.then(() => this.#tellPending())
    return this.#telling
  }

  async #tellPending(): Promise<void> {
    const topics = [...this.#pending]
    this.#pending.clear()
    for (let start = 0; start < topics.length; start += TOPICS_PER_NOTICE) {
      const notice: Notice = { from: this.#name, topics: topics.slice(start, start + TOPICS_PER_NOTICE) }
      // Lost with the connection, which everybody notices: then all look at everything.
      await this.#client?.query('SELECT pg_notify($1, $2)', [CHANNEL, JSON.stringify(notice)]).catch(() => {})
    }
  }

  #onNotice(payload: string): void {
    const { from, topics } = JSON.parse(payload) as Notice
    if (from !== this.#name) deliverLive(topics)
  }

  #onLost(client: pg.Client, error?: unknown): void {
    client.removeAllListeners()
    // It may still complain about its end.
    client.on('error', () => {})
    this.#client = undefined
    if (this.#isStopped) return
    if (!this.#hasMissed) this.#logger.warn({ err: error }, 'no changes of other processes are heard of for now')
    this.#hasMissed = true
    void client.end().catch(() => {})
    clearTimeout(this.#reconnect)
    this.#reconnect = setTimeout(() => void this.connect(), RECONNECT_MS)
  }
}
