import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, inject } from 'vitest'
import { connect, type Db } from '@/lib/db'
import { testEnvironment } from './environment'
import { TEMPLATE_DATABASE, TEST_DATABASE_PREFIX } from './global-setup'

const LEAK_GRACE_MS = 3_000
const POLL_MS = 20

/** A migrated, empty database of its own, and the environment that the program needs. */
export type TestDatabase = {
  db: Db
  url: string
  /** The temporary data directory that HEADRACE_DATA names; removed by `close`. */
  dataDirectory: string
  /** Drops the database. Throws when a client other than `db` is still connected: something was not closed. */
  close(): Promise<void>
}

/** Clones the run's template. `db()` and `env()` answer with it, in this test file, until `close()`. */
export async function testDatabase(): Promise<TestDatabase> {
  const adminUrl = inject('postgresUrl')
  const name = `${TEST_DATABASE_PREFIX}${randomBytes(6).toString('hex')}`
  const origin = (expect.getState().testPath ?? 'a test').replaceAll("'", '')
  await run(adminUrl, `create database ${name} template ${TEMPLATE_DATABASE}`)
  await run(adminUrl, `comment on database ${name} is '${origin}'`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const dataDirectory = mkdtempSync(path.join(os.tmpdir(), 'headrace-test-data-'))
  Object.assign(process.env, testEnvironment(url.href, dataDirectory))
  const shared = globalThis as unknown as { headraceDb?: Db | undefined }
  const db = connect(url.href)
  shared.headraceDb = db
  const close = async () => {
    await db.$disconnect()
    if (shared.headraceDb === db) shared.headraceDb = undefined
    rmSync(dataDirectory, { recursive: true, force: true })
    const leaked = await findLeakedClients(adminUrl, name)
    await run(adminUrl, `drop database ${name} with (force)`)
    if (leaked.length) throw new Error(`Clients of the test database are still connected:\n${leaked.join('\n')}`)
  }
  return { db, url: url.href, dataDirectory, close }
}

/** A pool that was just closed is seen for some milliseconds more. */
async function findLeakedClients(adminUrl: string, name: string): Promise<string[]> {
  const sql = `select pid, state, left(query, 120) as query from pg_stat_activity where datname = '${name}'`
  for (const end = Date.now() + LEAK_GRACE_MS; ; await sleep(POLL_MS)) {
    const rows = await run(adminUrl, sql)
    if (!rows.length || Date.now() > end) return rows.map((row) => `  ${row.state}: ${row.query}`)
  }
}

async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(sql)
    return rows
  } finally {
    await client.end()
  }
}
