import { afterEach, describe, expect, it } from 'vitest'
import { discoverEnvironments } from '@/lib/environments/discover'
import { MAX_AHEAD_INPUT_BYTES, MIB, WORKER_LIMITS } from '../limits'
import type { Invocation, RunnableVersion } from '../port'
import { adk, json, jsonOf } from '../testing/python-calls'
import { PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** Every so many calls, a program of the algorithm's prints too. */
const CHILD_EACH = 25
const SAY_ALL = 'echo child $0; echo child $0 >&2'

const TALKING_PYTHON = [
  'import os, subprocess, sys',
  'def apply(n):',
  '    print("print %d" % n)',
  '    os.write(1, b"write %d\\n" % n)',
  `    if n % ${CHILD_EACH} == 0: subprocess.call(["/bin/sh", "-c", "${SAY_ALL}", str(n)])`,
  '    sys.stdout.write("out %d" % n)',
  '    sys.stderr.write("error %d" % n)',
  '    return n',
].join('\n')

const TALKING_NODE = [
  'import { writeSync } from "node:fs"',
  'import { spawnSync } from "node:child_process"',
  'export async function apply(n) {',
  '  console.log("print " + n)',
  '  writeSync(1, "write " + n + "\\n")',
  `  if (n % ${CHILD_EACH} === 0) spawnSync("/bin/sh", ["-c", "${SAY_ALL}", String(n)], { stdio: "inherit" })`,
  '  process.stdout.write("out " + n)',
  '  process.stderr.write("error " + n)',
  '  return n',
  '}',
].join('\n')

const NUMBERS = Array.from({ length: 300 }, (_, n) => n)

let test: TestRuntime

afterEach(() => test.close())

describe('calls that are sent ahead', () => {
  it('to Python keep what they print to themselves', async () => {
    test = await startTestRuntime({ maxWorkers: 2 })
    await expectOwnOutput(await test.addVersion(adk(TALKING_PYTHON)))
  })

  it('to Node keep what they print to themselves', async () => {
    test = await startTestRuntime({ maxWorkers: 2 })
    const node = (await discoverEnvironments()).find(({ language }) => language === 'node')
    if (!node) throw new Error('these tests need a Node that a worker may execute')
    const { interpreterPath } = node
    await expectOwnOutput(
      await test.addVersion({ 'src/Echo.mjs': TALKING_NODE }, { language: 'node', interpreterPath }),
    )
  })

  it('have an output that is capped for each of them', async () => {
    test = await startTestRuntime({ maxWorkers: 1 })
    const limits = { ...WORKER_LIMITS, outputBytes: 4096 }
    const version = await test.addVersion('def apply(n):\n    print("x" * 9000 if n % 3 == 0 else n)\n    return n', {
      limits,
    })
    await call(version, 0)
    const invocations = await Promise.all(NUMBERS.map((n) => call(version, n)))
    expect(invocations.map(({ isTruncated }) => isTruncated)).toEqual(NUMBERS.map((n) => n % 3 === 0))
    expect(invocations.map(({ stdout }) => stdout.length < 4200)).not.toContain(false)
    expect(test.runtime.stats().sentAhead).toBeGreaterThan(0)
  })

  it('find their output although the algorithm has closed its own', async () => {
    test = await startTestRuntime({ maxWorkers: 1 })
    const code =
      'import os\ndef apply(n):\n    if n == 0: os.dup2(os.open("/dev/null", os.O_WRONLY), 1)\n    os.write(2, b"e%d" % n)\n    return n'
    const version = await test.addVersion(adk(code))
    await call(version, 0)
    const invocations = await Promise.all(NUMBERS.map((n) => call(version, n)))
    expect(invocations.map(({ stdout, stderr }) => stdout + stderr)).toEqual(NUMBERS.map((n) => `e${n}`))
    expect(test.runtime.stats().sentAhead).toBeGreaterThan(0)
  })

  it('have small inputs, and go to a harness that says that it takes them', async () => {
    test = await startTestRuntime({ maxWorkers: 1 })
    const version = await test.addVersion('def apply(text):\n    return len(text)')
    const large = 'x'.repeat(MAX_AHEAD_INPUT_BYTES)
    const answers = await Promise.all(NUMBERS.slice(0, 50).map(() => call(version, large)))
    expect(answers.map(jsonOf)).toEqual(NUMBERS.slice(0, 50).map(() => large.length))
    const stock = [
      'import json, sys',
      'print("PIPE_INIT_COMPLETE"); sys.stdout.flush()',
      'for line in sys.stdin:',
      '    request = json.loads(line)',
      '    assert "ahead" not in request',
      '    print(request["data"]); sys.stdout.flush()',
      '    with open("/tmp/algoout", "w") as f:',
      '        f.write(json.dumps({"result": request["data"], "metadata": {"content_type": "json"}}) + "\\n")',
    ].join('\n')
    const other = await test.addVersion(stock)
    const invocations = await Promise.all(NUMBERS.slice(0, 50).map((n) => call(other, n)))
    expect(invocations.map(({ stdout }) => stdout)).toEqual(NUMBERS.slice(0, 50).map((n) => `${n}\n`))
    expect(test.runtime.stats().sentAhead).toBe(0)
  })
})

describe('a worker that is never without a call', () => {
  it('is replaced after so many calls all the same', async () => {
    const maxCalls = 5_000
    test = await startTestRuntime({ maxWorkers: 1, maxCalls })
    const version = await test.addVersion('def apply(n):\n    return n')
    let left = maxCalls + 100
    const results = await Promise.all(
      Array.from({ length: 32 }, async () => {
        let isRight = true
        while (left > 0) {
          const n = left--
          isRight &&= jsonOf(await call(version, n)) === n
        }
        return isRight
      }),
    )
    expect(results).not.toContain(false)
    expect(test.runtime.stats().ends).toEqual({ worn_out: 1 })
    expect(test.runtime.stats().sentAhead).toBeGreaterThan(maxCalls / 10)
  })

  it('is measured all the same, and replaced near its limit', async () => {
    test = await startTestRuntime({ maxWorkers: 1 })
    const limits = { ...WORKER_LIMITS, memoryBytes: 128 * MIB }
    const code = 'kept = []\ndef apply(n):\n    if n == "grow": kept.append(bytearray(b"x" * (84 << 20)))'
    const version = await test.addVersion(
      `${code}\n    if n == "grow": open("/dev/shm/f", "wb").write(b"x" * (24 << 20))`,
      {
        limits,
      },
    )
    await call(version, 'grow')
    const isOver = () => test.runtime.stats().ends.worn_out === 1
    const keepBusy = async () => {
      while (!isOver()) await call(version, 'on')
    }
    await Promise.all([keepBusy(), keepBusy(), keepBusy(), expect.poll(isOver, PATIENCE).toBe(true)])
  })
})

async function expectOwnOutput(version: RunnableVersion): Promise<void> {
  const invocations = await Promise.all(NUMBERS.map((n) => call(version, n)))
  for (const n of NUMBERS) {
    const child = n % CHILD_EACH === 0 ? `child ${n}\n` : ''
    const stdout = `print ${n}\nwrite ${n}\n${child}out ${n}`
    expect(invocations[n]).toMatchObject({ ok: true, stdout, stderr: `${child}error ${n}` })
  }
  expect(invocations.map(jsonOf)).toEqual(NUMBERS)
  expect(test.runtime.stats().sentAhead).toBeGreaterThan(NUMBERS.length / 10)
}

function call(version: RunnableVersion, input: unknown): Promise<Invocation> {
  return test.runtime.invoke(version, json(input), { timeoutMs: 20_000 })
}
