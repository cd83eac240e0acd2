import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { RuntimeOptions } from '../create-runtime'
import type { Invocation, RunnableVersion } from '../port'
import { PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

const CODE = [
  'import os',
  'def apply(i):',
  '    if i == "exit": os._exit(1)',
  '    return os.environ.get("WORD")',
].join('\n')

let test: TestRuntime

async function start(changes: Partial<RuntimeOptions> = {}): Promise<void> {
  test = await startTestRuntime(changes)
}
afterEach(() => test.close())

describe('a version that is kept warm', () => {
  it('has a worker before its first call and however long it has none, until it is let go of', async () => {
    await start({ idleMs: 200, surplusIdleMs: 100, policy: { warmWorkersPerVersion: 0 } })
    const [kept, other] = [await test.addVersion(CODE), await test.addVersion(CODE)]
    const letGo = test.runtime.keepWarm(kept)
    await workers(1)
    await call(other)
    await expect.poll(() => test.runtime.stats(), PATIENCE).toMatchObject({ workers: 1, ends: { surplus: 1 } })
    // Two at once: the second one goes, the last one stays.
    await Promise.all([call(kept), call(kept)])
    await expect.poll(() => test.runtime.stats().workers, PATIENCE).toBe(1)
    expect((await call(kept)).isColdStart).toBe(false)
    letGo()
    await workers(0)
  })

  it('is kept as long as one of two flows wants it', async () => {
    await start({ idleMs: 100 })
    const version = await test.addVersion(CODE)
    const [first, second] = [test.runtime.keepWarm(version), test.runtime.keepWarm(version)]
    await workers(1)
    first()
    first()
    await call(await test.addVersion(CODE))
    await expect.poll(() => test.runtime.stats(), PATIENCE).toMatchObject({ workers: 1, ends: { idle: 1 } })
    second()
    await workers(0)
  })

  it('gets another worker when its own is gone: crashed, or dropped for a new secret', async () => {
    await start({ keptRestartMs: 0 })
    let word = 'old'
    const version = await test.addVersion(CODE, { readSecrets: async () => ({ WORD: word }) })
    test.runtime.keepWarm(version)
    await workers(1)
    expect((await call(version, 'exit')).ok).toBe(false)
    await expect.poll(() => test.runtime.stats(), PATIENCE).toMatchObject({ workers: 1, starts: 2 })
    word = 'new'
    await test.runtime.drop(version.algorithmId)
    await expect.poll(() => test.runtime.stats(), PATIENCE).toMatchObject({ workers: 1, starts: 3 })
    expect(textOf(await call(version))).toBe('new')
    expect(test.runtime.stats().starts).toBe(3)
  })

  it('makes room for a call of another version, and comes back when there is room', async () => {
    await start({ maxWorkers: 1, keptRestartMs: 0, idleMs: 300 })
    const [kept, other] = [await test.addVersion(CODE), await test.addVersion(CODE)]
    test.runtime.keepWarm(kept)
    await workers(1)
    expect((await call(other)).ok).toBe(true)
    await expect.poll(() => test.runtime.stats(), PATIENCE).toMatchObject({ starts: 3, ends: { evicted: 1, idle: 1 } })
    expect((await call(kept)).ok).toBe(true)
    expect(test.runtime.stats().starts).toBe(3)
  })

  it('is not started over and over when it can not be loaded', async () => {
    await start({ keptRestartMs: 0, idleMs: 100 })
    test.runtime.keepWarm(await test.addVersion('1/0'))
    await expect.poll(() => test.runtime.stats().ends, PATIENCE).toEqual({ load_failed: 1 })
    await call(await test.addVersion(CODE))
    await expect.poll(() => test.runtime.stats(), PATIENCE).toMatchObject({ workers: 0, starts: 2 })
  })

  it('waits with many others for its turn to start', async () => {
    await start()
    const version = await test.addVersion(CODE)
    for (let flows = 0; flows < 12; flows++) test.runtime.keepWarm({ ...version, callerId: randomUUID() })
    await workers(12)
  })
})

function workers(count: number): Promise<void> {
  return expect.poll(() => test.runtime.stats().workers, PATIENCE).toBe(count)
}

function call(version: RunnableVersion, input = ''): Promise<Invocation> {
  const bytes = Buffer.from(JSON.stringify(input))
  return test.runtime.invoke(version, { type: 'json', bytes }, { timeoutMs: 20_000 })
}

function textOf(invocation: Invocation): string {
  if (!invocation.ok) throw new Error(JSON.stringify(invocation.error))
  return invocation.result.bytes.toString()
}
