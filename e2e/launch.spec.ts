import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort } from '../lib/launch/ports'
import { isAlive } from '../lib/launch/processes'
import {
  cleanEnvironment,
  failToStart,
  type Headrace,
  makeDataDirectory,
  removeDataDirectory,
  someFreePorts,
  startHeadrace,
  waitFor,
} from './headrace'

const GONE_MS = 30_000

let data: string
let running: Headrace[]

test.describe.configure({ timeout: 300_000 })

test.beforeEach(() => {
  data = makeDataDirectory()
  running = []
})

test.afterEach(async () => {
  for (const headrace of running) if (isAlive(headrace.pid)) await headrace.stop()
  removeDataDirectory(data)
})

async function start(options: Partial<Parameters<typeof startHeadrace>[0]> = {}): Promise<Headrace> {
  const headrace = await startHeadrace({ data, args: ['--empty', ...(await someFreePorts())], ...options })
  running.push(headrace)
  return headrace
}

/** Everything that a start leaves running: console, broker, Postgres and its watcher. */
function partsOf(headrace: Headrace): number[] {
  const { others } = JSON.parse(readFileSync(path.join(headrace.data, 'launcher.json'), 'utf8'))
  const [postgres] = readFileSync(path.join(headrace.data, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')
  const parts = [headrace.pid, Number(postgres), ...others.map((other: { pid: number }) => other.pid)]
  expect(parts.every(isAlive)).toBe(true)
  expect(parts).toHaveLength(5)
  return parts
}

async function expectAllGone(parts: number[]): Promise<void> {
  await waitFor(() => !parts.some(isAlive), GONE_MS)
  expect(parts.filter(isAlive)).toEqual([])
}

test('says where it is, and keeps its secrets for itself', async () => {
  const headrace = await start()
  expect(headrace.output()).toContain(`Headrace is up at ${headrace.url}`)
  expect(headrace.output()).toContain(headrace.password)
  expect(headrace.output()).toContain('my-queue')
  expect(headrace.connectionString).toMatch(/^Endpoint=sb:\/\/127\.0\.0\.1:\d+/)
  for (const name of ['admin-password', 'encryption-key', 'auth-secret', 'postgres/password']) {
    expect(statSync(path.join(data, name)).mode & 0o077, name).toBe(0)
  }
  expect((await fetch(`${headrace.url}/api/health`)).status).toBe(200)
  for (const address of outwardAddresses()) {
    await expect(fetch(`http://${address}:${new URL(headrace.url).port}/api/health`)).rejects.toThrow()
  }
})

test('stops all of it on Ctrl-C, and a second start keeps everything and shows no password', async () => {
  const first = await start()
  const parts = partsOf(first)
  process.kill(-(first.process.pid ?? 0), 'SIGINT')
  await expectAllGone(parts)
  const second = await start({ args: [] })
  expect(second.url).toBe(first.url)
  expect(second.connectionString).toBe(first.connectionString)
  expect(second.password).toBe(first.password)
  expect(second.output()).not.toContain(first.password)
  expect(second.output()).toContain('admin-password')
})

test('stops all of it on SIGTERM', async () => {
  const headrace = await start()
  const parts = partsOf(headrace)
  process.kill(headrace.pid, 'SIGTERM')
  await expectAllGone(parts)
})

test('stops all of it when npm gets the SIGTERM', async () => {
  const headrace = await start({ command: ['npm', 'run', 'up', '--'] })
  const parts = partsOf(headrace)
  expect(headrace.process.pid).not.toBe(headrace.pid)
  headrace.process.kill('SIGTERM')
  await expectAllGone(parts)
})

test('stops all of it when the process above it is killed', async () => {
  const script = `node ${path.resolve('lib/launch/up.mjs')} "$@"; true`
  const headrace = await start({ command: ['/bin/sh', '-c', script, 'sh'] })
  const parts = partsOf(headrace)
  expect(headrace.process.pid).not.toBe(headrace.pid)
  headrace.process.kill('SIGKILL')
  await expectAllGone(parts)
})

test('leaves nothing running when the launcher is killed, and starts again', async () => {
  const headrace = await start()
  const parts = partsOf(headrace)
  process.kill(headrace.pid, 'SIGKILL')
  const again = await start({ args: [] })
  expect(parts.filter(isAlive)).toEqual([])
  expect(again.url).toBe(headrace.url)
  await again.stop()
})

test('stops in mid-start', async () => {
  const [, port = '', , brokerPort = ''] = await someFreePorts()
  const { child, said } = spawnUp(['--empty', '--port', port, '--broker-port', brokerPort])
  const hasPostgres = () => {
    try {
      return statSync(path.join(data, 'postgres/cluster/postmaster.pid')).size > 0
    } catch {
      return false
    }
  }
  expect(await waitFor(hasPostgres, 60_000)).toBe(true)
  const [postgres] = readFileSync(path.join(data, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect(said()).not.toContain('Headrace is up')
  await expectAllGone([Number(postgres)])
})

test('runs twice at once on two data directories', async () => {
  const other = makeDataDirectory()
  try {
    const first = await start()
    const second = await start({ data: other })
    expect(second.url).not.toBe(first.url)
    for (const { url } of [first, second]) expect((await fetch(`${url}/api/health`)).status).toBe(200)
    await second.stop()
    expect((await fetch(`${first.url}/api/health`)).status).toBe(200)
  } finally {
    removeDataDirectory(other)
  }
})

test('a second start on the same data says that it runs already', async () => {
  const headrace = await start()
  const { code, output } = await failToStart({ data })
  expect(code).toBe(1)
  expect(output).toContain('runs already')
  expect(output).toContain(headrace.url)
  expect(output).toContain(`kill ${headrace.pid}`)
})

test('says what to type when a port is taken', async () => {
  const port = await freePort()
  const server = net.createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  try {
    const asked = await failToStart({ data, args: ['--port', String(port)] })
    expect(asked.code).toBe(1)
    expect(asked.output).toContain(`Port ${port}, for the console, is taken.`)
    writeFileSync(path.join(data, 'ports.json'), JSON.stringify({ broker: port }))
    const kept = await failToStart({ data })
    expect(kept.output).toContain(`npm run up -- --broker-port ${port + 1}`)
  } finally {
    server.close()
  }
})

function spawnUp(args: string[]): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, [path.resolve('lib/launch/up.mjs'), '--data', data, ...args], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  return { child, said: () => text }
}

/** Addresses of this machine that others reach; the console must not listen there. */
function outwardAddresses(): string[] {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)
}
