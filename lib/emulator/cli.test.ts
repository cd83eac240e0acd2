import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { administrationClient } from '@/lib/testing/broker'
import { CLI, killAll, run } from './test-command-line'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-broker-cli-'))
})

afterEach(() => {
  killAll()
  rmSync(directory, { recursive: true, force: true })
})

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
    const { child, ready, ended } = run(data(), { ipc: true })
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

  describe('for one who can not write beside the sources', () => {
    let cli: string

    beforeEach(() => {
      const copy = join(directory, 'copy')
      cpSync(dirname(CLI), join(copy, 'lib/emulator'), { recursive: true })
      for (const name of ['package.json', 'tsconfig.json']) cpSync(name, join(copy, name))
      symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))
      // A file where the folder of the bundle would be stops root, too.
      writeFileSync(join(copy, 'lib/generated'), '')
      cli = join(copy, 'lib/emulator/start.mjs')
    })

    it('starts, and leaves nothing behind', async () => {
      const temporary = join(directory, 'temporary')
      mkdirSync(temporary)
      const { child, ready, ended } = run(['--memory', '--port', '0'], { cli, env: { TMPDIR: temporary } })
      await ready
      expect(readdirSync(temporary)).toEqual([])
      child.kill('SIGTERM')
      expect(await ended).toMatchObject({ code: 0 })
    })

    it('says in one line that no temporary folder can be written either', async () => {
      const temporary = join(directory, 'nowhere')
      const { code, stderr } = await run(['--memory', '--port', '0'], { cli, env: { TMPDIR: temporary } }).ended
      expect(code).toBe(1)
      expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^broker: .* Make .*nowhere writable\.$/)])
    })
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
    ['a configuration that is none', () => ['--memory', '--config', file('{')], /configuration is not JSON/],
    [
      'a configuration that is not there',
      () => ['--memory', '--config', 'nowhere'],
      /--config can not be read.*nowhere/,
    ],
    ['a data directory that can not be', () => ['--data', join(file(''), 'data')], /data directory .* --data/],
    ['a data directory in /proc', () => ['--data', '/proc/headrace/data'], /data directory .* --data/],
    ['damaged keys', () => ['--data', withKeys('{')], /keys\.json does not hold the keys/],
    [
      'keys that are no text',
      () => ['--data', withKeys('{"keys":[{"name":1,"key":2,"rights":["Manage"]}]}')],
      /keys\.json does not hold the keys/,
    ],
    [
      'keys with rights that there are not',
      () => ['--data', withKeys('{"keys":[{"name":"n","key":"k","rights":["Fly"]}]}')],
      /keys\.json does not hold the keys/,
    ],
    ['a folder instead of the keys', () => ['--data', withFolder('keys.json')], /keys\.json is a folder.*[Mm]ove it/],
    [
      'a folder instead of a journal',
      () => ['--data', withFolder('journal/journal-1.log')],
      /journal-1\.log is a folder.*[Mm]ove it/,
    ],
    ['a file instead of the journal folder', () => ['--data', withFile('journal')], /journal is no folder.*[Mm]ove it/],
    [
      'a certificate that is none',
      () => ['--memory', '--tls-cert', file('x'), '--tls-key', file('x')],
      /no certificate/,
    ],
    ['a certificate without its key', () => ['--memory', '--tls-cert', file('x')], /belong together/],
    ['a port that is none', () => ['--memory', '--port', '70000'], /--port 70000 is no port/],
    ['an address of another machine', () => ['--memory', '--host', '203.0.113.1'], /203\.0\.113\.1 is no address/],
    ['no address', () => ['--memory', '--host', ''], /--host is empty/],
    ['no data directory', () => ['--data', ''], /--data is empty/],
    ['no configuration', () => ['--memory', '--config='], /--config is empty/],
    ['an unknown option', () => ['--memory', '--colour'], /--colour.*--help/],
    ['neither data nor memory', () => [], /--data <dir> or --memory/],
  ])('says in one line what is wrong with %s', async (_, args, expected) => {
    const { code, stderr } = await run(args()).ended
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(expected)])
  })

  it('cuts off the torn end of a journal and says so, and does not start on a damaged middle but to salvage it', async () => {
    const journal = join(directory, 'data', 'journal', 'journal-1.log')
    const first = run(data())
    await first.ready
    first.child.kill('SIGKILL')
    await first.ended
    appendFileSync(journal, 'a write that a crash cut short')
    const second = run(data())
    await second.ready
    second.child.kill('SIGTERM')
    expect((await second.ended).stderr).toMatch(/journal-1\.log: .*from byte \d+ on.* cut off/)
    const bytes = readFileSync(journal)
    bytes.writeUInt8(bytes.readUInt8(30) ^ 0xff, 30)
    writeFileSync(journal, bytes)
    const third = await run(data()).ended
    expect(third).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^broker: .*damaged at byte 0.*--salvage.*\n$/),
    })
    const fourth = run([...data(), '--salvage'])
    await fourth.ready
    fourth.child.kill('SIGTERM')
    expect((await fourth.ended).stderr).toContain('everything from byte 0 on was left out')
    expect(readFileSync(`${journal}.damaged`)).toEqual(bytes)
  })

  it('keeps nothing with --memory', async () => {
    const { child, ready, ended } = run(['--memory', '--port', '0'])
    await ready
    child.kill('SIGTERM')
    await ended
    expect(readdirSync(directory)).toEqual([])
  })
})

function file(text: string): string {
  const path = join(directory, 'file')
  writeFileSync(path, text)
  return path
}

function withKeys(text: string): string {
  writeFileSync(join(directory, 'keys.json'), text)
  return directory
}

function withFolder(name: string): string {
  mkdirSync(join(directory, name), { recursive: true })
  return directory
}

function withFile(name: string): string {
  writeFileSync(join(directory, name), '')
  return directory
}
