import { afterEach, describe, expect, it } from 'vitest'
import { MAX_WORKERS_PER_VERSION, MIB, WORKER_LIMITS } from '../limits'
import type { Invocation, RunnableVersion } from '../port'
import { PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'
import { ENOUGH_WORKERS } from './start-forecast'

const SLEEP = 'import time\ndef apply(seconds):\n    time.sleep(seconds)\n    return seconds\n'
/** Told to, it uses more than a worker may keep. */
const GROWING = `import time\nkept = []\ndef apply(seconds):\n    if seconds < 0: kept.append("x" * 216_000_000)\n    else: time.sleep(seconds)\n`
/** A start so slow that quick calls are served meanwhile on any machine. */
const SLOW_TO_LOAD = `import time\ntime.sleep(1)\n${SLEEP}`
const LONG_SECONDS = 600

let test: TestRuntime

afterEach(() => test.close())

describe('a version with many calls at once', () => {
  it('gets no more workers than processors when its calls are quick', async () => {
    test = await startTestRuntime()
    const version = await test.addVersion(SLOW_TO_LOAD)
    await call(version, 0)
    const answers = await Promise.all(Array.from({ length: 16 }, () => call(version, 0)))
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(test.runtime.stats().starts).toBeLessThanOrEqual(ENOUGH_WORKERS)
  })

  it('gets as many as it may have when its calls are slow', async () => {
    test = await startTestRuntime()
    const version = await test.addVersion(SLEEP)
    await call(version, 1.5)
    await fillAll(version)
  })

  it('gets as many as it may have when calls that were quick become slow', async () => {
    test = await startTestRuntime()
    const version = await test.addVersion(SLEEP)
    const atOnce = Array.from({ length: ENOUGH_WORKERS }, () => call(version, 0.5))
    await Promise.all(atOnce)
    for (let count = 0; count < 20; count++) await call(version, 0)
    await fillAll(version)
  })
})

describe('a worker that is worn out', () => {
  it('is replaced while calls come, also where there are more than processors', async () => {
    test = await startTestRuntime()
    const version = await test.addVersion(GROWING, { limits: { ...WORKER_LIMITS, memoryBytes: 256 * MIB } })
    const count = ENOUGH_WORKERS + 2
    const callAll = (seconds: number) => Promise.all(Array.from({ length: count }, () => call(version, seconds)))
    while (test.runtime.stats().workers < count) {
      expect((await callAll(1)).filter(({ ok }) => !ok)).toEqual([])
    }
    for (let quick = 0; quick < 20; quick++) await call(version, 0)
    const { starts: before } = test.runtime.stats()
    expect((await call(version, -1)).ok).toBe(true)
    let isOver = false
    const callers = Array.from({ length: count }, async () => {
      while (!isOver) {
        const answer = await call(version, 0)
        if (!answer.ok) throw new Error(JSON.stringify(answer.error))
      }
    })
    try {
      await expect
        .poll(() => {
          const { starts, ends } = test.runtime.stats()
          return { worn: ends.worn_out, replaced: starts - before }
        }, PATIENCE)
        .toEqual({ worn: 1, replaced: 1 })
    } finally {
      isOver = true
      await Promise.all(callers)
    }
  })
})

/** Keeps calls running until the version has all of its workers at work. */
async function fillAll(version: RunnableVersion): Promise<void> {
  const given = new AbortController()
  const running = Array.from({ length: MAX_WORKERS_PER_VERSION }, () => call(version, LONG_SECONDS, given.signal))
  await expect.poll(() => test.runtime.stats().busy, PATIENCE).toBe(MAX_WORKERS_PER_VERSION)
  given.abort()
  await Promise.all(running)
}

function call(version: RunnableVersion, seconds: number, signal?: AbortSignal): Promise<Invocation> {
  const bytes = Buffer.from(JSON.stringify(seconds))
  return test.runtime.invoke(version, { type: 'json', bytes }, { timeoutMs: 60_000, ...(signal && { signal }) })
}
