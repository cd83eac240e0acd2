import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { freePort } from './ports'

/** Stands for the built console: answers with the headers it saw, slowly at /slow, for ever at /stream. */
const SERVER = `
import http from 'node:http'
let hurry
globalThis.headraceHost = {
  stop: async (reason) => {
    console.log('host stops: ' + reason)
    // As an engine that drains: until it is done, or asked again.
    if (hurry) return hurry()
    if (!process.env.DRAINS) return
    const beats = setInterval(() => {}, 1000)
    await new Promise((resolve) => (hurry = resolve))
    clearInterval(beats)
  },
}
globalThis.headraceApi = (request, response) => response.end('the host answers ' + request.url)
http.createServer((request, response) => {
  if (request.url === '/stream') return void response.write('begun')
  if (request.url === '/slow') return void setTimeout(() => response.end('done'), 700)
  response.end(JSON.stringify({ ...request.headers, url: request.url }))
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'))
`

let folder: string
let child: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-serve-'))
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(path.join(folder, 'server.js'), SERVER)
})

afterEach(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function serve(env: Record<string, string> = {}) {
  const port = await freePort()
  const process_ = spawn(process.execPath, ['lib/launch/serve.mjs', folder], {
    env: { ...process.env, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child = process_
  let output = ''
  process_.stdout.on('data', (chunk) => {
    output += chunk
  })
  await once(process_.stdout, 'data')
  const exited = once(process_, 'exit')
  return { url: `http://127.0.0.1:${port}`, process: process_, exited, output: () => output }
}

const SPOOFED = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'evil.example', 'x-real-ip': '203.0.113.9' }

describe('the entry of the built console', () => {
  it('says the address of the socket, whatever the client claims', async () => {
    const { url } = await serve()
    const headers = (await (await fetch(url, { headers: SPOOFED })).json()) as Record<string, string>
    expect(headers['x-forwarded-for']).toBe('127.0.0.1')
    expect(headers).not.toHaveProperty('x-forwarded-host')
    expect(headers).not.toHaveProperty('x-real-ip')
  })

  it('lets no NUL through, which no name has and the database does not take', async () => {
    const { url } = await serve()
    const { url: seen } = (await (await fetch(`${url}/data?q=a%00b%2500`)).json()) as Record<string, string>
    expect(seen).toBe('/data?q=a%EF%BF%BDb%2500')
  })

  it('hands the API’s requests to the host, with their paths folded, and the others to Next', async () => {
    const { url } = await serve()
    const textOf = async (path: string, method = 'POST') => (await fetch(url + path, { method })).text()
    expect(await textOf('/v1/algo/algo://a/b/?x=1')).toBe('the host answers /v1/algo/algo:/a/b?x=1')
    for (const [path, method] of [
      ['/v1/algo/a/b', 'OPTIONS'],
      ['/v1/', 'POST'],
      ['/v10/a', 'POST'],
    ] as const) {
      expect(JSON.parse(await textOf(path, method))).toMatchObject({ url: path.replace(/\/$/, '') })
    }
  })

  it('believes a proxy when told to', async () => {
    const { url } = await serve({ HEADRACE_TRUST_PROXY: '1' })
    const headers = (await (await fetch(url, { headers: SPOOFED })).json()) as Record<string, string>
    expect(headers['x-forwarded-for']).toBe('203.0.113.9')
  })

  it('lets a request end at a stop, stops the host, and takes no new connection', async () => {
    const { url, process: server, exited, output } = await serve()
    const slow = fetch(`${url}/slow`)
    await fetch(url)
    server.kill('SIGTERM')
    expect(await (await slow).text()).toBe('done')
    expect(await exited).toEqual([0, null])
    expect(output()).toContain('host stops: SIGTERM')
    await expect(fetch(url)).rejects.toThrow()
  })

  it('hurries the host at a second signal', async () => {
    const { process: server, exited, output } = await serve({ DRAINS: '1' })
    server.kill('SIGTERM')
    await waitUntil('it drains', () => output().includes('host stops: SIGTERM'))
    expect(server.exitCode).toBeNull()
    server.kill('SIGINT')
    expect(await exited).toEqual([0, null])
    expect(output().match(/host stops/g)).toHaveLength(2)
  })

  it('does not wait for an event stream', async () => {
    const { url, process: server, exited } = await serve()
    const stream = await fetch(`${url}/stream`)
    server.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    await expect(stream.text()).rejects.toThrow()
  })
})
