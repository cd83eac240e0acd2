import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { RuntimeOptions } from '../create-runtime'
import type { Invocation, Payload, RunnableVersion } from '../port'
import { PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

const NOTHING: Payload = { type: 'json', bytes: Buffer.from('null') }
const WHO = 'import os\ndef apply(i):\n    return os.readlink("/proc/self/ns/pid")\n'
const DOOMED =
  'import os, signal\nif os.environ["IS_DOOMED"]: os.kill(os.getpid(), signal.SIGKILL)\ndef apply(i):\n    return i\n'
const SLOW = 'import time\ndef apply(i):\n    time.sleep(i)\n    return i\n'

let test: TestRuntime

async function start(changes: Partial<RuntimeOptions> = {}): Promise<void> {
  test = await startTestRuntime(changes)
}
afterEach(() => test.close())

describe('the pool', () => {
  it('never lets two callers meet one worker', async () => {
    await start()
    const version = await test.addVersion(WHO)
    const other = { ...version, callerId: randomUUID() }
    const [first, second, again] = [await text(version), await text(other), await text(version)]
    expect(second).not.toBe(first)
    expect(again).toBe(first)
  })

  it('runs calls of one version side by side', async () => {
    await start()
    const version = await test.addVersion(SLOW)
    const invocations = await Promise.all([1, 1, 1].map((seconds) => call(version, seconds)))
    expect(invocations.every(({ ok }) => ok)).toBe(true)
    expect(test.runtime.stats()).toMatchObject({ workers: 3, busy: 0, starts: 3 })
  })

  it('makes room for another version, and is fair to the one that waits longest', async () => {
    await start({ maxWorkers: 1 })
    const [busy, other] = [await test.addVersion(SLOW), await test.addVersion(WHO)]
    const order: string[] = []
    const note = (name: string) => (invocation: Invocation) => order.push(`${name} ${invocation.ok}`)
    const first = call(busy, 0.5).then(note('first'))
    await expect.poll(() => test.runtime.stats().busy, PATIENCE).toBe(1)
    const all = [call(busy, 0.1).then(note('second')), call(other).then(note('other'))]
    // By then the others wait.
    await first
    all.push(call(busy, 0.1).then(note('third')))
    await Promise.all(all)
    expect(order).toEqual(['first true', 'second true', 'other true', 'third true'])
  })

  it('refuses a call that waited too long for a worker', async () => {
    await start({ maxWorkers: 1, maxQueuedMs: 200 })
    const version = await test.addVersion(SLOW)
    await call(version, 0)
    const [running, waiting] = await Promise.all([call(version, 1), call(version, 0)])
    expect(running.ok).toBe(true)
    expect(waiting).toMatchObject({ ok: false, error: { kind: 'overloaded' } })
  })

  it('ends workers that have nothing to do', async () => {
    await start({ idleMs: 300 })
    expect((await call(await test.addVersion(WHO))).ok).toBe(true)
    expect(test.runtime.stats().workers).toBe(1)
    await expect.poll(() => test.runtime.stats().workers, PATIENCE).toBe(0)
  })

  it('tells a caller nothing of the server’s own trouble', async () => {
    await start()
    const readSecrets = () => Promise.reject(new Error('password of the database'))
    const invocation = await call(await test.addVersion(WHO, { readSecrets }))
    expect(invocation).toMatchObject({ ok: false, error: { kind: 'loading_error' } })
    expect(JSON.stringify(invocation)).not.toContain('password')
  })

  it('starts a worker ahead of its first call', async () => {
    await start()
    const version = await test.addVersion(WHO)
    test.runtime.keepWarm(version)
    await expect.poll(() => test.runtime.stats().starts, PATIENCE).toBe(1)
    await call(version)
    expect(test.runtime.stats().starts).toBe(1)
    test.runtime.keepWarm({ ...version, commitSha: '0'.repeat(40) })
    await call(version)
    expect(test.runtime.stats().starts).toBe(1)
  })

  it('waits before it starts a version again that crashed three times', async () => {
    await start()
    const version = await test.addVersion('import os\ndef apply(i):\n    os._exit(1)\n')
    for (let count = 0; count < 3; count++) expect((await call(version)).ok).toBe(false)
    const fourth = await call(version)
    expect(fourth.queuedMs).toBeGreaterThan(900)
  })

  it('waits as well when its process dies while it loads, and not when it says why it can not', async () => {
    await start()
    const dying = await test.addVersion('import os\nos._exit(9)\n')
    const raising = await test.addVersion('raise RuntimeError("no")\n')
    const fourthOf = async (version: RunnableVersion) => {
      for (let count = 0; count < 3; count++) await call(version)
      const startedAt = performance.now()
      const fourth = await call(version)
      expect(fourth).toMatchObject({ ok: false, error: { kind: 'loading_error' } })
      return performance.now() - startedAt
    }
    expect(await fourthOf(dying)).toBeGreaterThan(900)
    expect(await fourthOf(raising)).toBeLessThan(900)
  })

  it.each([
    ['starts a version again', 1, true],
    ['lets the calls that wait fail', 2, false],
  ])('%s after SIGKILL while it loaded, %i in a row', async (_, kills, isOk) => {
    await start({ policy: { maxWorkersPerVersion: 1 } })
    let starts = 0
    const readSecrets = async () => ({ IS_DOOMED: starts++ < kills ? '1' : '' })
    const version = await test.addVersion(DOOMED, { readSecrets })
    const invocations = await Promise.all(Array.from({ length: 5 }, () => call(version)))
    expect(invocations.map(({ ok }) => ok)).toEqual(Array(5).fill(isOk))
    expect(starts).toBe(2)
  })

  it('ends calls and processes when it closes, and leaves nothing', async () => {
    await start()
    const version = await test.addVersion(SLOW)
    const mark = randomUUID()
    const running = test.runtime.invoke({ ...version, readSecrets: async () => ({ MARK: mark }) }, json(60), {
      timeoutMs: 60_000,
    })
    await expect.poll(() => processesWith(mark).length, PATIENCE).toBeGreaterThan(0)
    await expect.poll(() => test.runtime.stats().busy, PATIENCE).toBe(1)
    await test.runtime.close(50)
    expect(await running).toMatchObject({ ok: false, error: { kind: 'aborted' } })
    expect(processesWith(mark)).toEqual([])
    expect(await readdir(path.join(test.dataDir, 'run'))).toEqual([])
    expect(await call(version)).toMatchObject({ ok: false, error: { kind: 'aborted' } })
    await test.runtime.close(0)
  })

  it('lets running calls end within their grace', async () => {
    await start()
    const version = await test.addVersion(SLOW)
    const running = call(version, 0.5)
    await expect.poll(() => test.runtime.stats().busy, PATIENCE).toBe(1)
    await test.runtime.close(10_000)
    expect(await running).toMatchObject({ ok: true })
  })
})

function json(value: unknown): Payload {
  return { type: 'json', bytes: Buffer.from(JSON.stringify(value)) }
}

function call(version: RunnableVersion, input?: unknown): Promise<Invocation> {
  return test.runtime.invoke(version, input === undefined ? NOTHING : json(input), { timeoutMs: 20_000 })
}

async function text(version: RunnableVersion): Promise<string> {
  const invocation = await call(version)
  if (!invocation.ok) throw new Error(JSON.stringify(invocation.error))
  return invocation.result.bytes.toString('utf8')
}

/** Processes of this machine that have `mark` in their environment. */
function processesWith(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
    } catch {
      return false
    }
  })
}
