import { afterEach, describe, expect, it } from 'vitest'
import type { RuntimeOptions } from '../create-runtime'
import type { Invocation, RunnableVersion } from '../port'
import { adk, errorOf, json } from '../testing/python-calls'
import { startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** Tells the server of each run, whatever becomes of it. */
const NOTED = adk(
  [
    'import gc, http.client, os, sys, time',
    'api = http.client.HTTPConnection("127.0.0.1", 8080)',
    'def apply(i):',
    '    print("ran", i["n"])',
    '    api.request("GET", "/%d" % i["n"])',
    '    api.getresponse().read()',
    '    if i.get("how") == "crash": os._exit(3)',
    '    if i.get("how") == "sleep": time.sleep(i["seconds"])',
    '    if i.get("how") == "forge": return forge()',
    '    return i["n"]',
    'def forge():',
    '    """Answers for the next call, if there is one."""',
    '    channel = [one for one in gc.get_objects() if type(one).__name__ == "Channel"][0]',
    '    os.set_blocking(channel._requests.fileno(), False)',
    '    until, lines = time.time() + 0.2, b""',
    '    while not lines and time.time() < until:',
    '        lines = channel._requests.peek()',
    '    os.set_blocking(channel._requests.fileno(), True)',
    '    if not lines: return "nothing came"',
    "    name = lines.split(b'\"')[3]",
    '    os.write(channel._answers, b"#%s text 6\\nforged\\n" % name)',
    '    time.sleep(20)',
  ].join('\n'),
)

type Input = { n: number; how?: 'crash' | 'sleep' | 'forge'; seconds?: number }
const NUMBERS = Array.from({ length: 40 }, (_, n) => n)
/** Enough to know what a call takes. */
const FIRST = [100, 101, 102, 103, 104, 105, 106, 107, 108]

let test: TestRuntime
let version: RunnableVersion
let ran: number[]

async function start(maxWorkers: number): Promise<void> {
  ran = []
  const api: RuntimeOptions['api'] = async (request) => {
    ran.push(Number(new URL(request.url).pathname.slice(1)))
    return new Response()
  }
  test = await startTestRuntime({ maxWorkers, api })
  version = await test.addVersion(NOTED)
  for (const n of FIRST) await call({ n })
  ran = []
}
afterEach(() => test.close())

describe('calls that were sent ahead', () => {
  it('run elsewhere, once, when the one before them crashes', async () => {
    await start(1)
    const invocations = await callAll((n) => (n === 20 ? { n, how: 'crash' } : { n }))
    expect(failedOnes(invocations)).toEqual([[20, 'worker_exit']])
    expectEachOnce(invocations)
    expect(test.runtime.stats().sentAhead).toBeGreaterThan(0)
  })

  it('run elsewhere, once, when the one before them takes too long', async () => {
    await start(1)
    const invocations = await callAll(
      (n) => (n === 20 ? { n, how: 'sleep', seconds: 20 } : { n }),
      { timeoutMs: 500 },
      20,
    )
    expect(failedOnes(invocations)).toEqual([[20, 'timeout']])
    expectEachOnce(invocations)
    expect(test.runtime.stats().sentAhead).toBeGreaterThan(0)
  })

  it('run elsewhere, once, when the one before them is given up', async () => {
    await start(1)
    const giveUp = new AbortController()
    const all = callAll((n) => (n === 20 ? { n, how: 'sleep', seconds: 20 } : { n }), { signal: giveUp.signal }, 20)
    await expect.poll(() => ran, { timeout: 15_000 }).toContain(20)
    giveUp.abort()
    const invocations = await all
    expect(failedOnes(invocations)).toEqual([[20, 'aborted']])
    expectEachOnce(invocations)
  })

  it('can be given up before they begin, and the others run', async () => {
    await start(1)
    const giveUp = new AbortController()
    const slow = call({ n: 1, how: 'sleep', seconds: 0.5 })
    const given = call({ n: 2 }, { signal: giveUp.signal })
    const other = call({ n: 3 }, { signal: new AbortController().signal })
    await expect.poll(() => ran, { timeout: 15_000 }).toContain(1)
    giveUp.abort()
    expect(errorOf(await given).kind).toBe('aborted')
    expect((await Promise.all([slow, other])).map(({ ok }) => ok)).toEqual([true, true])
    expect(ran).toEqual([1, 3])
  })

  it('do not wait for a slow one before them while others could run them', async () => {
    await start(2)
    let isSlowDone = false
    const doneBefore: number[] = []
    const all = NUMBERS.map(async (n) => {
      const invocation = await call(n === 10 ? { n, how: 'sleep', seconds: 3 } : { n })
      if (n === 10) isSlowDone = true
      else if (!isSlowDone) doneBefore.push(n)
      return invocation
    })
    const invocations = await Promise.all(all)
    expect(failedOnes(invocations)).toEqual([])
    expect(doneBefore).toHaveLength(NUMBERS.length - 1)
    expectEachOnce(invocations)
    expect(test.runtime.stats().sentAhead).toBeGreaterThan(0)
  })

  it('can not be answered by the one before them', async () => {
    await start(1)
    // A slow machine may send nothing behind the forger.
    for (let round = 0; round < 20 && !test.runtime.stats().ends.forged_answer; round++) {
      const [forger, ...behind] = await Promise.all([
        call({ n: 10 * round, how: 'forge' }),
        ...[1, 2, 3].map((n) => call({ n: 10 * round + n })),
      ])
      if (test.runtime.stats().ends.forged_answer) expect(errorOf(forger).kind).toBe('worker_exit')
      expect(behind.map((one) => (one.ok ? one.result.bytes.toString() : one.error.kind))).toEqual(
        [1, 2, 3].map((n) => String(10 * round + n)),
      )
    }
    expect(test.runtime.stats().ends).toEqual({ forged_answer: 1 })
    expect(new Set(ran).size).toBe(ran.length)
  })

  it('run once each, whatever happens to a few of them', { timeout: 120_000 }, async () => {
    await start(3)
    for (let round = 0; round < 6; round++) {
      ran = []
      const gone = new AbortController()
      const how = (n: number): Input => {
        if (n === 12 + round) return { n, how: 'crash' }
        if (n === 18) return { n, how: 'sleep', seconds: 0.03 * round }
        if (n === 25 - round) return { n, how: 'sleep', seconds: 20 }
        return { n }
      }
      const all = callAll(how, { timeoutMs: 200 + 10 * round }, 25 - round)
      const given = [50, 51, 52].map((n) => call({ n }, { signal: gone.signal }))
      await expect.poll(() => ran.length, { timeout: 15_000 }).toBeGreaterThan(6 * round)
      gone.abort()
      const invocations = await all
      await Promise.all(given)
      expect(failedOnes(invocations)).toEqual([
        [12 + round, 'worker_exit'],
        [25 - round, 'timeout'],
      ])
      expectEachOnce(invocations, [50, 51, 52])
    }
    expect(test.runtime.stats().sentAhead).toBeGreaterThan(0)
  })
})

type Options = { timeoutMs?: number; signal?: AbortSignal }

function callAll(inputOf: (n: number) => Input, special: Options = {}, specialNumber = -1): Promise<Invocation[]> {
  return Promise.all(NUMBERS.map((n) => call(inputOf(n), n === specialNumber ? special : {})))
}

function call(input: Input, { timeoutMs = 20_000, signal }: Options = {}): Promise<Invocation> {
  return test.runtime.invoke(version, json(input), { timeoutMs, ...(signal && { signal }) })
}

function failedOnes(invocations: Invocation[]): Array<[number, string]> {
  return invocations.flatMap((one, n): Array<[number, string]> => (one.ok ? [] : [[n, one.error.kind]]))
}

/** Each number ran once and printed for itself; `others` may have run. */
function expectEachOnce(invocations: Invocation[], others: number[] = []): void {
  expect(invocations.map(({ stdout }) => stdout)).toEqual(NUMBERS.map((n) => `ran ${n}\n`))
  expect(new Set(ran).size).toBe(ran.length)
  const own = ran.filter((n) => !others.includes(n))
  expect(own.sort((a, b) => a - b)).toEqual(NUMBERS)
}
