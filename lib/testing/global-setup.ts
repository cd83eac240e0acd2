import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { deployMigrations } from '@/lib/launch/database/migrate'
import { type PostgresServer, startPostgres } from '@/lib/launch/postgres/server'

export const TEMPLATE_DATABASE = 'headrace_template'
export const TEST_DATABASE_PREFIX = 'headrace_test_'

/** A crash of the machine may cost this cluster: it lives for one run. */
const THROWAWAY = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }

declare module 'vitest' {
  interface ProvidedContext {
    /** Connects to the run's Postgres, as a user who may create databases. */
    postgresUrl: string
  }
}

/** One embedded Postgres for the run, with a migrated database that each test file clones. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'headrace-vitest-'))
  chmodSync(directory, 0o711)
  const server = await startPostgres(directory, { settings: THROWAWAY })
  await run(server.url, `create database ${TEMPLATE_DATABASE}`)
  const template = new URL(server.url)
  template.pathname = `/${TEMPLATE_DATABASE}`
  await deployMigrations(template.href)
  project.provide('postgresUrl', server.url)
  return () => teardown(server, directory)
}

async function teardown(server: PostgresServer, directory: string): Promise<void> {
  try {
    const left = await run(
      server.url,
      `select coalesce(shobj_description(oid, 'pg_database'), datname) as origin
       from pg_database where datname like '${TEST_DATABASE_PREFIX}%'`,
    )
    const origins = left.map((row) => row.origin).join(', ')
    if (origins) throw new Error(`testDatabase() was not closed: ${origins}`)
  } finally {
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function run(url: string, sql: string): Promise<{ origin?: string }[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(sql)
    return rows
  } finally {
    await client.end()
  }
}
