import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Invocation } from '../port'
import { startProcess } from '../processes/spawn'
import { isRoot } from '../sandbox/worker-identity'
import {
  ALL_ATTEMPTS,
  ALSO_WITHOUT_CGROUPS,
  ENDED,
  ENDED_BY_TIME,
  ENDED_OR_REFUSED,
  type Gets,
  HARMS_THE_SERVER,
  SAYS_ITSELF,
} from './attempts'
import { PATIENCE, startTestRuntime, type TestRuntime } from './test-runtime'

const WORD = 's3cret-of-the-server'
const SOURCE_FOLDER = 'lib/runtime/testing/hostile'

let test: TestRuntime
let decoy: Awaited<ReturnType<typeof startDecoy>>
let victimFile: string
let source: Record<string, string>

beforeAll(async () => {
  source = readSource()
  test = await startTestRuntime()
  decoy = await startDecoy(test.interpreterPath)
  const victim = await test.addVersion({ 'src/Echo.py': '', 'secret.json': WORD })
  victimFile = path.join(test.dataDir, 'versions', victim.algorithmId, victim.commitSha, 'secret.json')
})
afterAll(async () => {
  await decoy.close()
  await test.close()
})

describe('a hostile algorithm', () => {
  it('meets a sandbox here', () => {
    expect(['strict', 'standard'], JSON.stringify(test.sandbox)).toContain(test.sandbox.level)
  })

  it.each(Object.entries(SAYS_ITSELF))('is held: %s', async (attempt, words) => {
    expectHeld(await attack(attempt), words)
  })

  it.each(Object.entries(ENDED_OR_REFUSED))('is held or ended: %s', async (attempt, gets) => {
    expectHeld(await attack(attempt), gets[test.sandbox.level as keyof typeof gets])
  })

  it.each(HARMS_THE_SERVER)('does not harm the server: %s', async (attempt) => {
    await attack(attempt)
    expect(decoy.isAlive()).toBe(true)
  })

  it.each(ENDED_BY_TIME)('is ended with its time: %s', async (attempt) => {
    const invocation = await attack(attempt, 1_000)
    expect(invocation).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    await expect.poll(() => test.runtime.stats().workers, PATIENCE).toBe(0)
  })

  it('can not outlive its end', async () => {
    const version = await test.addVersion(source)
    await attack('outlive_its_end', 10_000, version)
    expect(processesNamed('headracedaemon')).toHaveLength(1)
    await test.runtime.drop(version.algorithmId)
    await expect.poll(() => processesNamed('headracedaemon'), PATIENCE).toEqual([])
  })

  it('can not keep its worker by a child that holds the output', async () => {
    const { workers } = test.runtime.stats()
    const left = await attack('leave_a_child_with_the_output')
    expect(left).toMatchObject({ ok: false, error: { kind: 'worker_exit' } })
    await expect.poll(() => test.runtime.stats().workers, PATIENCE).toBe(workers)
  })

  it('can not keep the server busy with what it prints without a call', async () => {
    const version = await test.addVersion(source)
    expect((await attack('print_for_ever', 10_000, version)).ok).toBe(true)
    await expect.poll(() => test.runtime.stats().ends.printed_idle, PATIENCE).toBe(1)
  })

  it.runIf(isRoot())('can not use up for others what the kernel counts by user', async () => {
    const version = await test.addVersion(source)
    const taken = answerOf(await attack('use_up_what_is_counted_by_user', 10_000, version))
    expect(taken.detail).toMatch(/EMFILE/)
    expect(answerOf(await attack('watch_a_file')), 'another worker').toMatchObject({ won: false })
    await test.runtime.drop(version.algorithmId)
  })

  it('can not fill the server’s memory with output or answers', async () => {
    const before = process.memoryUsage().rss
    const printed = await attack('flood_output')
    expect(printed).toMatchObject({ ok: true, isTruncated: true })
    expect(printed.stdout.length).toBeLessThan(2 * 1024 * 1024)
    expect(await attack('flood_answers')).toMatchObject({ ok: false, error: { kind: 'result_too_large' } })
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  })
})

it('each attempt is code, and stands in docs/security.md', async () => {
  const names = (await readFile('docs/security.md', 'utf8')).match(/attempts by name[^@]*?: ([\s\S]*?)\.\n/)?.[1] ?? ''
  const documented = [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name)
  expect(documented.sort()).toEqual([...ALL_ATTEMPTS].sort())
  expect(new Set(documented).size).toBeGreaterThanOrEqual(40)
  const code = Object.values(source).join('\n')
  expect(ALL_ATTEMPTS.filter((name) => !code.includes(`\ndef ${name}():`))).toEqual([])
})

describe('without cgroups', () => {
  let strict: TestRuntime

  beforeAll(async () => {
    strict = test
    test = await startTestRuntime({ highestLevel: 'standard' })
  })
  afterAll(async () => {
    await test.close()
    test = strict
  })

  it('the level is standard, with the reason', () => {
    expect(test.sandbox).toEqual({
      level: 'standard',
      reasons: ['Cgroups are switched off. Memory is watched by the server instead.'],
    })
  })

  it.each(ALSO_WITHOUT_CGROUPS)('a hostile algorithm is held: %s', async (attempt) => {
    expectHeld(await attack(attempt), SAYS_ITSELF[attempt] as RegExp)
  })

  it.each(Object.entries(ENDED_OR_REFUSED))('a hostile algorithm is held or ended: %s', async (attempt, gets) => {
    expectHeld(await attack(attempt), gets.standard)
  })
})

/** It has not won, and has got what it was to get: an attempt that fails by a mistake of its own proves nothing. */
function expectHeld(invocation: Invocation, gets: Gets) {
  const expected = [gets].flat()
  if (invocation.ok) {
    const { won, detail } = answerOf(invocation)
    expect({ won, detail, isExpected: expected.some((words) => words !== ENDED && words.test(detail)) }).toEqual({
      won: false,
      detail,
      isExpected: true,
    })
  } else {
    expect(expected, JSON.stringify(invocation.error)).toContain(ENDED)
    expect(invocation.error.kind).toBe('out_of_memory')
  }
}

/** Each attempt has a worker of its own: one that was ended must not slow the next one down. */
async function attack(attempt: string, timeoutMs = 20_000, known?: Awaited<ReturnType<TestRuntime['addVersion']>>) {
  const version = known ?? (await test.addVersion(source))
  const targets = { ...decoy.targets, victim_file: victimFile }
  const bytes = Buffer.from(JSON.stringify({ attempt, targets }))
  const invocation = await test.runtime.invoke(version, { type: 'json', bytes }, { timeoutMs })
  if (!known) await test.runtime.drop(version.algorithmId)
  return invocation
}

function readSource(): Record<string, string> {
  const names = readdirSync(SOURCE_FOLDER).filter((name) => name.endsWith('.py'))
  return Object.fromEntries(names.map((name) => [`src/${name}`, readFileSync(path.join(SOURCE_FOLDER, name), 'utf8')]))
}

function answerOf(invocation: Invocation): { won: boolean | null; detail: string } {
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return JSON.parse(invocation.result.bytes.toString('utf8'))
}

async function startDecoy(interpreterPath: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-decoy-'))
  await chmod(folder, 0o755)
  const abstract = `headrace-decoy-${process.pid}`
  const child = startProcess({
    command: interpreterPath,
    args: [path.resolve('lib/runtime/testing/decoy.py'), folder, abstract],
    env: { DATABASE_PASSWORD: WORD },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data))))
  return {
    targets: {
      server_pid: child.pid,
      tcp_port: JSON.parse(line).port as number,
      unix_socket: path.join(folder, 'decoy.sock'),
      abstract_socket: abstract,
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    close: async () => {
      child.stdin?.end()
      await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(undefined)))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function processesNamed(name: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name
    } catch {
      return false // it has just ended
    }
  })
}
