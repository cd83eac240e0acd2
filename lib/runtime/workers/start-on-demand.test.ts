import { afterEach, describe, expect, it } from 'vitest'
import { MAX_WORKERS_PER_VERSION } from '../limits'
import type { Invocation, RunnableVersion } from '../port'
import { PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'
import { ENOUGH_WORKERS } from './start-forecast'

const SLEEP = 'import time\ndef apply(seconds):\n    time.sleep(seconds)\n    return seconds\n'
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
