import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandLineOf, isAlive, waitUntilGone } from '../processes'
import { findPostgres, type PostgresServer, startPostgres } from './server'

const GONE_MS = 15_000
let directory: string
let servers: PostgresServer[]

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'headrace-postgres-test-'))
  chmodSync(directory, 0o711)
  servers = []
})

afterEach(async () => {
  for (const server of servers) await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function start(at = directory): Promise<PostgresServer> {
  const server = await startPostgres(at, { settings: { fsync: 'off' } })
  servers.push(server)
  return server
}

describe('the embedded Postgres', () => {
  it('keeps its data over a stop and a start, with the same password', async () => {
    const first = await start()
    await query(first.url, 'create table kept as select 42 as answer')
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)
    const second = await start()
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
    expect(new URL(second.url).password).toBe(new URL(first.url).password)
  })

  it('lets nobody in without the password, which only we may read', async () => {
    const { url } = await start()
    const wrong = new URL(url)
    wrong.password = 'wrong'
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
    expect(statSync(path.join(directory, 'password')).mode & 0o777).toBe(0o600)
    expect(readFileSync(path.join(directory, 'password'), 'utf8')).toMatch(/^[0-9a-f]{48}\n$/)
  })

  it('is adopted while it runs, not started twice', async () => {
    const first = await start()
    const second = await start()
    expect(second.wasRunning).toBe(true)
    expect(second.pid).toBe(first.pid)
    expect((await findPostgres(directory))?.pid).toBe(first.pid)
  })

  it('starts beside a stale pid file that names a process of somebody else', async () => {
    const first = await start()
    await first.stop()
    const lines = [process.pid, path.join(directory, 'cluster'), 0, 5432, '', '127.0.0.1', '', 'ready']
    writeFileSync(path.join(clusterOf(directory), 'postmaster.pid'), `${lines.join('\n')}\n`)
    const second = await start()
    expect(second.wasRunning).toBe(false)
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('serves two directories at once, each its own', async () => {
    const first = await start(path.join(directory, 'one'))
    const second = await start(path.join(directory, 'two'))
    await query(first.url, 'create table only_here (id int)')
    await expect(query(second.url, 'select * from only_here')).rejects.toThrow(/does not exist/)
  })

  it('ends after the process that started it is killed, once those that need it are gone', async () => {
    const needy = spawn('sleep', ['60'])
    const script = `
      import { startPostgres } from ${JSON.stringify(path.resolve('lib/launch/postgres/server.ts'))}
      startPostgres(${JSON.stringify(directory)}).then((server) => {
        server.watcher.endAfter(${needy.pid})
        console.log(server.pid)
        setInterval(() => {}, 1000)
      })`
    const launcher = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
    const [line] = await once(launcher.stdout, 'data')
    const pid = Number(String(line))
    expect(commandLineOf(pid)).toContain('postgres')
    launcher.kill('SIGKILL')
    await once(launcher, 'exit')
    expect(await findPostgres(directory)).toMatchObject({ pid })
    needy.kill('SIGKILL')
    expect(await waitUntilGone(pid, GONE_MS)).toBe(true)
  })

  it.runIf(process.getuid?.() === 0)('moves elsewhere when its user may not enter the directory', async () => {
    chmodSync(directory, 0o700)
    const inside = path.join(directory, 'postgres')
    const server = await start(inside)
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    const home = readFileSync(path.join(inside, 'elsewhere'), 'utf8').trim()
    expect(existsSync(path.join(home, 'cluster/PG_VERSION'))).toBe(true)
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  })
})

function clusterOf(at: string): string {
  return path.join(at, 'cluster')
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
