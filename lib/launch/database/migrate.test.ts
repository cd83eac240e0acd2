import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { createMigration, deployMigrations, readMigrationStatus } from './migrate'

let database: TestDatabase
let root: string

beforeEach(async () => {
  database = await testDatabase()
  root = mkdtempSync(path.join(os.tmpdir(), 'headrace-migrations-'))
  cpSync('prisma', path.join(root, 'prisma'), { recursive: true })
})

afterEach(async () => {
  await database.close()
  rmSync(root, { recursive: true, force: true })
})

describe('the migrations of this repository', () => {
  it('make exactly the tables of schema.prisma', async () => {
    expect(await readMigrationStatus(database.url)).toEqual({ unapplied: [] })
  })

  it('are applied once', async () => {
    expect(await deployMigrations(database.url)).toEqual([])
  })
})

describe('migrating', () => {
  it('writes the next migration from a changed schema, and applies it', async () => {
    addToSchema('model Extra {\n  id Int @id\n}')
    expect((await readMigrationStatus(database.url, root)).schemaChange).toContain('Extra')
    const folder = await createMigration(database.url, 'add_extra', root)
    expect(readFileSync(path.join(String(folder), 'migration.sql'), 'utf8')).toContain('CREATE TABLE "Extra"')
    expect(await deployMigrations(database.url, root)).toEqual([path.basename(String(folder))])
    expect(await createMigration(database.url, 'nothing', root)).toBeUndefined()
  })

  it('notices a database that was changed by hand', async () => {
    await query('alter table "Account" add column extra text')
    expect((await readMigrationStatus(database.url)).drift).toContain('extra')
  })

  it('runs a script with functions and quoted semicolons as one transaction', async () => {
    addMigration(
      '29990101000000_function',
      `create function one() returns int as $$ begin return 1; end $$ language plpgsql;`,
    )
    addMigration('29990101000001_quoted', `create table quoted (text text default 'a;b');`)
    await deployMigrations(database.url, root)
    expect(await query('select one() as one')).toEqual([{ one: 1 }])
  })

  it('leaves nothing of a migration that fails, and says which one', async () => {
    addMigration('29990101000000_broken', 'create table half (id int);\nselect no_such_function();')
    await expect(deployMigrations(database.url, root)).rejects.toThrow(/broken/)
    await expect(query('select * from half')).rejects.toThrow(/does not exist/)
  })

  it('leaves no shadow database behind', async () => {
    await readMigrationStatus(database.url)
    expect(await query(`select 1 from pg_database where datname like 'headrace_shadow_${process.pid}%'`)).toEqual([])
    expect(readdirSync(path.join(root, 'prisma/migrations'))).toContain('migration_lock.toml')
  })
})

function addToSchema(text: string): void {
  const file = path.join(root, 'prisma/schema.prisma')
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n${text}\n`)
}

function addMigration(name: string, sql: string): void {
  const folder = path.join(root, 'prisma/migrations', name)
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'migration.sql'), sql)
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client(database.url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
