import type { Socket } from 'node:net'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { env } from './env'
import { PrismaClient } from './generated/prisma/client'

export type Db = PrismaClient
/** What a command gets inside `db.$transaction(async (tx) => …)`. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0]

/** Connections a process holds at most; the engine and the pages share them. */
const POOL_CONNECTIONS = 10
/** On a busy machine a transaction may wait longer for its connection than Prisma's two seconds. */
const TRANSACTION_WAIT_MS = 10_000
const TRANSACTION_TIMEOUT_MS = 20_000
const CONNECT_LIMIT_MS = 20_000
/** Longer than a transaction may take: who is silent for so long is gone, though the connection still looks open. */
const SILENCE_LIMIT_MS = 30_000

// Next bundles this module more than once (pages, route handlers, instrumentation); all share one client.
const shared = globalThis as unknown as { headraceDb?: PrismaClient; headracePools?: WeakMap<PrismaClient, pg.Pool> }

/** The database client, made at first use so that `next build` needs no database. */
export function db(): Db {
  shared.headraceDb ??= connect(env().DATABASE_URL)
  return shared.headraceDb
}

/** A client of its own for `url`; the caller must `$disconnect()` it. */
export function connect(url: string, { silenceLimitMs = SILENCE_LIMIT_MS } = {}): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    onConnect: (client) => endInSilence(client, silenceLimitMs),
  })
  const client = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: true }),
    transactionOptions: { maxWait: TRANSACTION_WAIT_MS, timeout: TRANSACTION_TIMEOUT_MS },
  })
  // A connection that breaks while nobody uses it is replaced by the next use.
  pool.on('error', () => {})
  shared.headracePools ??= new WeakMap()
  shared.headracePools.set(client, pool)
  return client
}

/**
 * The connections that `client` uses, for the few statements that every message goes through: what Prisma adds to a
 * statement costs more than the statement. Errors are those of `pg`, not Prisma's.
 */
export function poolOf(client: Db): pg.Pool {
  const pool = shared.headracePools?.get(client)
  if (!pool) throw new Error('the client was not made by connect()')
  return pool
}

/** After a failover nobody says goodbye, and the system takes a quarter of an hour, or for ever, to notice. */
function endInSilence(client: pg.ClientBase, limitMs: number): void {
  const { connection } = client as pg.ClientBase & { connection: { stream: Socket } }
  connection.stream.setTimeout(limitMs)
  // Not as an argument of setTimeout, which would hear of the first silence only.
  connection.stream.on('timeout', () => {
    const isIdle = (client as pg.ClientBase & { readyForQuery: boolean }).readyForQuery
    if (!isIdle) connection.stream.destroy(new Error(`Postgres has not answered for ${limitMs} ms`))
  })
}
