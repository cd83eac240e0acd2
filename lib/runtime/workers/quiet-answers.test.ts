import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startProcess } from '../processes/spawn'
import { HARNESS_DIR, PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'
import { requestLine } from './request-line'

const CODE = 'import os\ndef apply(n):\n    if n: os.system("echo %d; echo %d >&2" % (n, n))\n    return n\n'

let test: TestRuntime

beforeEach(async () => {
  test = await startTestRuntime({ maxWorkers: 1 })
})
afterEach(() => test.close())

describe('an answer of a Python worker', () => {
  let folder: string
  let child: ChildProcess

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-quiet-'))
    await mkdir(path.join(folder, 'src'))
    await writeFile(path.join(folder, 'src/Echo.py'), CODE)
    for (const name of ['answers', 'tickets']) await writeFile(path.join(folder, name), '')
    child = startProcess({
      command: test.interpreterPath,
      args: [path.join(HARNESS_DIR, 'python/start.py'), 'Echo'],
      cwd: folder,
      env: { HEADRACE_ANSWER_PIPE: path.join(folder, 'answers'), HEADRACE_TICKET_PIPE: path.join(folder, 'tickets') },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    await once(child.stdout as Readable, 'data')
  })
  afterEach(async () => {
    child.stdin?.end()
    await once(child, 'exit')
    await rm(folder, { recursive: true })
  })

  it('is called quiet when the server has read what was printed, and only then', async () => {
    const answers = () => readFile(path.join(folder, 'answers'), 'utf8')
    const ask = (id: string, n: number) => {
      const line = requestLine(id, { type: 'json', bytes: Buffer.from(String(n)) }, undefined)
      child.stdin?.write(Buffer.concat(line))
    }
    ask('a', 0)
    await expect.poll(answers, PATIENCE).toBe('#a json 1 quiet\n0\n')
    const { stdout, stderr } = child as { stdout: Readable; stderr: Readable }
    stdout.pause()
    stderr.resume()
    // Nobody reads now: what fills the stream's own buffer is printed first.
    for (let printed = 0; !(await answers()).endsWith('json 1\n7\n'); printed++) {
      ask(`p${printed}`, 7)
      await expect.poll(answers, PATIENCE).toContain(`#p${printed} `)
    }
    stdout.resume()
    const askAgain = () => {
      ask('b', 0)
      return answers()
    }
    await expect.poll(askAgain, PATIENCE).toMatch(/#b json 1 quiet\n0\n$/)
  })
})

describe('calls that follow each other at once', () => {
  it('have each what they printed, whether the one before printed or not', async () => {
    const version = await test.addVersion(CODE)
    for (let n = 0; n < 60; n++) {
      const printed = n % 3 === 0 ? 0 : n
      const input = { type: 'json' as const, bytes: Buffer.from(String(printed)) }
      const { stdout, stderr } = await test.runtime.invoke(version, input, { timeoutMs: 20_000 })
      const expected = printed ? `${printed}\n` : ''
      expect([stdout, stderr]).toEqual([expected, expected])
    }
  })
})
