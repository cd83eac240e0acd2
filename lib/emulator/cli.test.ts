import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { administrationClient } from '@/lib/testing/broker'

const CLI = fileURLToPath(new URL('./start.mjs', import.meta.url))

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-broker-cli-'))
})

const started: ChildProcess[] = []

afterEach(() => {
  // A test that failed half-way leaves nothing running.
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

/** Runs the command line; `ready` is its first line, `ended` what it left behind. */
function run(args: string[], ipc = false) {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
  })
  started.push(child)
  let stdout = ''
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const ready = new Promise<{ event: string; port: number; connectionString: string }>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`ended with code ${code}: ${stderr}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk
      if (stdout.includes('\n')) resolve(JSON.parse(stdout.split('\n')[0] as string))
    })
  })
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    // Node tells no `close` of a child whose IPC channel was cut.
    child.once(ipc ? 'exit' : 'close', (code) => resolve({ code, stderr }))
  })
  // Those who wait for the end only have no use for this failure.
  ready.catch(() => {})
  return { child, ready, ended }
}

const data = () => ['--data', join(directory, 'data'), '--port', '0']

describe('the broker’s command line', () => {
  it('tells its port and connection string, keeps its key private, and ends cleanly on SIGTERM', async () => {
    const first = run(data())
    const { event, port, connectionString } = await first.ready
    expect(event).toBe('ready')
    expect(connectionString).toMatch(
      new RegExp(
        `^Endpoint=sb://127\\.0\\.0\\.1:${port};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=[^;]{40,};UseDevelopmentEmulator=true$`,
      ),
    )
    expect(statSync(join(directory, 'data', 'keys.json')).mode & 0o777).toBe(0o600)
    first.child.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 0 })
    const second = run([...data().slice(0, 2), '--port', String(port)])
    expect((await second.ready).connectionString).toBe(connectionString)
    second.child.kill('SIGINT')
    expect(await second.ended).toMatchObject({ code: 0 })
  })

  it('ends when the process that started it is gone', async () => {
    const { child, ready, ended } = run(data(), true)
    await ready
    child.disconnect()
    expect(await ended).toMatchObject({ code: 0 })
  })

  it('says in one line that the port is taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { ended } = run(['--data', join(directory, 'data'), '--port', String(port)])
    const { code, stderr } = await ended
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(`Port ${port} on 127.0.0.1 is taken`)])
    server.close()
  })

  it('lets only one broker use a data directory', async () => {
    const first = run(data())
    await first.ready
    const second = await run(data()).ended
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`process ${first.child.pid}`)
    first.child.kill('SIGKILL')
    await first.ended
    const third = run(data())
    await third.ready
    third.child.kill('SIGTERM')
    expect(await third.ended).toMatchObject({ code: 0 })
  })

  it('reads Config.json of Microsoft’s emulator and names what it does not serve', async () => {
    const config = join(directory, 'Config.json')
    const properties = { LockDuration: 'PT1M', MaxDeliveryCount: 3, RequiresSession: true, ForwardTo: 'elsewhere' }
    writeFileSync(
      config,
      JSON.stringify({
        UserConfig: {
          Namespaces: [
            { Name: 'ns', Queues: [{ Name: 'queue.1', Properties: properties }], Topics: [{ Name: 't.1' }] },
          ],
          Logging: { Type: 'File' },
        },
      }),
    )
    const { child, ready, ended } = run(['--memory', '--port', '0', '--config', config])
    const administration = administrationClient((await ready).connectionString)
    expect(await administration.getQueue('queue.1')).toMatchObject({
      lockDuration: 'PT1M',
      maxDeliveryCount: 3,
      requiresSession: true,
    })
    expect(await administration.queueExists('my-queue')).toBe(false)
    child.kill('SIGTERM')
    const { stderr } = await ended
    expect(stderr).toContain('topic t.1: topics are not served yet')
    expect(stderr).toContain('queue.1: ForwardTo')
  })

  it.each([
    ['{', 'not JSON'],
    ['{"UserConfig":{}}', 'exactly one namespace'],
    ['{"UserConfig":{"Namespaces":[{"Queues":[{"Name":"q","Properties":{"LockDuration":"5m"}}]}]}}', 'q: LockDuration'],
    [
      '{"UserConfig":{"Namespaces":[{"Queues":[{"Name":"q","Properties":{"MaxDeliveryCount":0}}]}]}}',
      'q: MaxDeliveryCount',
    ],
  ])('says what is wrong with the configuration %s', async (text, expected) => {
    const config = join(directory, 'Config.json')
    writeFileSync(config, text)
    const { code, stderr } = await run(['--memory', '--config', config]).ended
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(expected)])
  })

  it('keeps nothing with --memory, and asks for one of --data and --memory', async () => {
    const { child, ready, ended } = run(['--memory', '--port', '0'])
    await ready
    child.kill('SIGTERM')
    await ended
    expect(() => readFileSync(join(directory, 'data', 'keys.json'))).toThrow()
    expect((await run([]).ended).stderr).toContain('--data <dir> or --memory')
  })
})
