import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { RuntimeOptions } from '../create-runtime'
import { MIB, WORKER_LIMITS } from '../limits'
import type { Invocation, RunnableVersion, RuntimePolicy } from '../port'
import { PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

const KEEP = [
  'import os, time',
  'kept = []',
  'def apply(i):',
  '    if "mib" in i: kept.append(os.urandom(1 << 20) * i["mib"])',
  '    if "tmp" in i: [open("/tmp/%d" % n, "wb").write(bytes(1 << 20)) for n in range(i["tmp"])]',
  '    if "sleep" in i: time.sleep(i["sleep"])',
  '    return os.readlink("/proc/self/ns/pid")',
].join('\n')

const POLICY: RuntimePolicy = {
  warmWorkersPerVersion: 2,
  maxWorkersPerVersion: 8,
  memoryBudgetBytes: null,
  egressAllowList: [],
}

let test: TestRuntime

async function start(policy: Partial<RuntimePolicy> = {}, changes: Partial<RuntimeOptions> = {}): Promise<void> {
  test = await startTestRuntime({ ...changes, policy: { ...POLICY, ...policy } })
}
afterEach(() => test.close())

describe('the memory of workers', () => {
  it('is measured, not guessed', async () => {
    await start()
    const version = await test.addVersion(KEEP)
    await call(version)
    await expect.poll(() => test.runtime.stats().memoryBytes / MIB, PATIENCE).toBeGreaterThan(2)
    const before = test.runtime.stats().memoryBytes
    expect(before / MIB).toBeLessThan(20)
    await call(version, { mib: 60 })
    await expect
      .poll(async () => {
        await call(version)
        return (test.runtime.stats().memoryBytes - before) / MIB
      }, PATIENCE)
      .toBeGreaterThan(50)
  })

  it('keeps its budget: the idle worker that was used longest ago goes, the others stay', async () => {
    await start({ memoryBudgetBytes: 170 * MIB })
    const versions = await Promise.all([1, 2, 3].map(() => test.addVersion(KEEP)))
    const [first, second, third] = versions as [RunnableVersion, RunnableVersion, RunnableVersion]
    const [one, two] = [await call(first, { mib: 60 }), await call(second, { mib: 60 })]
    await call(third, { mib: 60 })
    await expect.poll(() => test.runtime.stats().ends, PATIENCE).toEqual({ evicted: 1 })
    expect(await call(second)).toBe(two)
    expect(await call(first)).not.toBe(one)
  })

  it('runs one worker even when the budget is below what it needs', async () => {
    await start({ memoryBudgetBytes: 1 * MIB })
    const versions = await Promise.all([1, 2].map(() => test.addVersion(KEEP)))
    expect(await Promise.all(versions.map((version) => call(version)))).toHaveLength(2)
  })

  it('near its limit after a call means a new worker for the next one', async () => {
    await start()
    const version = await test.addVersion(KEEP, { limits: { ...WORKER_LIMITS, memoryBytes: 256 * MIB } })
    await call(version, { mib: 120, tmp: 100 })
    await expect
      .poll(async () => {
        await call(version)
        return test.runtime.stats().ends
      }, PATIENCE)
      .toEqual({ worn_out: 1 })
  })
})

describe('workers that nobody needs', () => {
  it('end, down to the warm limit of their version, over all callers', async () => {
    await start({ warmWorkersPerVersion: 1 }, { surplusIdleMs: 100 })
    const version = await test.addVersion(KEEP)
    await Promise.all([randomUUID(), randomUUID(), version.callerId].map((callerId) => call({ ...version, callerId })))
    await expect.poll(() => test.runtime.stats(), PATIENCE).toMatchObject({ workers: 1, ends: { surplus: 2 } })
  })

  it('say why they ended', async () => {
    await start()
    const code = [
      'import os, time',
      'def apply(i):',
      '    if i == "exit": os._exit(1)',
      '    if i == "sleep": time.sleep(60)',
      '    if i == "forge": open("/tmp/algoout", "w").write("#f json 1\\n1\\n")',
      '    if i == "flood": open("/tmp/algoout", "wb").write(b\'{"result": "\' + b"x" * (40 << 20))',
      '    if i == "memory":',
      '        for n in range(600): open("/dev/shm/%d" % n, "wb").write(b"x" * (1 << 15)); bytearray(b"x" * (450 << 20))',
      '    return i',
    ].join('\n')
    const version = await test.addVersion(code)
    const given = new AbortController()
    const invoke = (what: string, timeoutMs = 20_000, signal?: AbortSignal) =>
      test.runtime.invoke({ ...version, callerId: randomUUID() }, json(what), { timeoutMs, ...(signal && { signal }) })
    await invoke('exit')
    await invoke('sleep', 300)
    await invoke('forge')
    await invoke('flood')
    const aborted = invoke('sleep', 20_000, given.signal)
    await expect.poll(() => test.runtime.stats().busy, PATIENCE).toBe(1)
    given.abort()
    await aborted
    await test.runtime.invoke(await test.addVersion('1/0\n'), json(''), { timeoutMs: 5_000 })
    await invoke('well')
    await test.runtime.drop(version.algorithmId)
    await expect
      .poll(() => test.runtime.stats().ends, PATIENCE)
      .toEqual({
        crashed: 1,
        timeout: 1,
        forged_answer: 1,
        result_too_large: 1,
        aborted: 1,
        load_failed: 1,
        dropped: 1,
      })
  })
})

describe('several versions', () => {
  it('do not wait for one that is flooded with calls', async () => {
    await start({}, { maxWorkers: 2 })
    const [flooded, other] = [await test.addVersion(KEEP), await test.addVersion(KEEP)]
    const done: string[] = []
    const flood = Array.from({ length: 20 }, () => call(flooded, { sleep: 0.1 }).then(() => done.push('flood')))
    const one = call(other).then(() => done.push('other'))
    await Promise.all([...flood, one])
    expect(done.indexOf('other')).toBeLessThan(6)
  })
})

describe('limits of an algorithm', () => {
  it('hold for its workers: time, output, processes, files and their size', async () => {
    await start()
    const code = [
      'import threading, time',
      'def apply(i):',
      '    if i == "time": time.sleep(60)',
      '    if i == "print": print("x" * 9000)',
      '    if i == "files": return len([open("/dev/null") for _ in range(100)])',
      '    if i == "size": return open("/tmp/f", "wb").write(b"x" * (3 << 20))',
      '    if i == "threads":',
      '        for _ in range(40): threading.Thread(target=time.sleep, args=(5,), daemon=True).start()',
      '    return "fine"',
    ].join('\n')
    const limits = {
      ...WORKER_LIMITS,
      callMs: 500,
      outputBytes: 4096,
      openFiles: 64,
      fileBytes: 2 * MIB,
      processes: 20,
    }
    const version = await test.addVersion(code, { limits })
    const ask = (what: string) => test.runtime.invoke(version, json(what), { timeoutMs: 20_000 })
    const time = await ask('time')
    expect(time).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    expect(time.durationMs).toBeLessThan(5_000)
    const printed = await ask('print')
    expect([printed.isTruncated, printed.stdout.length < 4200]).toEqual([true, true])
    for (const what of ['files', 'size', 'threads']) expect([what, (await ask(what)).ok]).toEqual([what, false])
  })
})

describe('a change of the policy', () => {
  it('holds at once, and replaces workers that could reach what is listed no more', async () => {
    await start({ egressAllowList: ['10.0.0.0/8'] })
    const version = await test.addVersion(KEEP)
    const isolated = await test.addVersion(KEEP, { networkAccess: 'isolated' })
    const [before, isolatedBefore] = [await call(version), await call(isolated)]
    test.runtime.configure({ ...POLICY, memoryBudgetBytes: 512 * MIB })
    expect(test.runtime.stats().memoryBudgetBytes).toBe(512 * MIB)
    expect(await call(version)).not.toBe(before)
    expect(await call(isolated)).toBe(isolatedBefore)
  })
})

function json(value: unknown) {
  return { type: 'json' as const, bytes: Buffer.from(JSON.stringify(value)) }
}

/** The name of the process namespace that answered: one a worker. */
async function call(version: RunnableVersion, input: Record<string, number> = {}): Promise<string> {
  const invocation: Invocation = await test.runtime.invoke(version, json(input), { timeoutMs: 20_000 })
  if (!invocation.ok) throw new Error(JSON.stringify(invocation))
  return invocation.result.bytes.toString()
}
