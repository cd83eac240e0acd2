import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discoverEnvironments } from '@/lib/environments/discover'
import type { Invocation, RunnableVersion } from '../port'
import { CONTEXT } from '../testing/message-context'
import { startTestRuntime, type TestRuntime } from '../testing/test-runtime'

const MIB = 1024 * 1024

const ALGORITHMS = {
  python: {
    'src/Echo.py': 'import os\ndef apply(input, context):\n    return [os.getpid(), input, bool(context["message"])]\n',
  },
  node: { 'src/Echo.mjs': 'export default async (input, cb, context) => [process.pid, input, !!context.message]\n' },
}

let test: TestRuntime

beforeAll(async () => {
  test = await startTestRuntime({ maxWorkers: 1 })
})
afterAll(() => test.close())

describe.each(['python', 'node'] as const)('a worker of %s', (language) => {
  let version: RunnableVersion

  beforeAll(async () => {
    const found = (await discoverEnvironments()).find((environment) => environment.language === language)
    if (!found) throw new Error(`these tests need ${language}`)
    version = await test.addVersion(ALGORITHMS[language], { language, interpreterPath: found.interpreterPath })
  })

  const run = (input: string | Buffer, isGuess?: true) => {
    const payload = { type: 'json' as const, bytes: Buffer.from(input), ...(isGuess && { isGuess }) }
    return test.runtime.invoke(version, payload, { timeoutMs: 30_000, context: CONTEXT })
  }

  it.each([
    ['a second data', '1,"data":2'],
    ['a second id', '1,"id":"x"'],
    ['a context', '1,"context":{}'],
    ['a whole tail', '1,"context":"{}"}'],
    ['another request', '1},{"a":1'],
    ['another request on a line of its own', '1}\n{"id":"x","content_type":"json","data":1'],
    ['bytes in place of JSON', '1,"content_type":"binary","data":"AAAA"'],
    ['the first half', '{"a":'],
    ['nothing', ''],
    ['blanks', ' \n '],
    ['a word', 'hello'],
    ['NaN', '[NaN]'],
    ['Infinity', '-Infinity'],
    ['a line break in a string', '"a\nb"'],
    ['a blank that is none of JSON’s', '\u00a01'],
    ['a byte order mark', '\ufeff1'],
    ['more behind its end', '{} {}'],
  ])('does not let the algorithm see %s', async (_, input) => {
    const invocation = await run(input)
    expect(invocation).toMatchObject({ ok: false, error: { kind: 'unusable_input', errorType: 'UnusableInput' } })
    expect(!invocation.ok && invocation.error.message).toMatch(/^The input is not JSON: [^\n]{3,}\.$/)
  })

  it('takes JSON with blanks and line breaks around it, and stays the same process all the time', async () => {
    const before = resultOf(await run('1'))
    expect(resultOf(await run(' \r\n{\n "a":\t[1]}\n\n'))).toEqual([before[0], { a: [1] }, true])
    await run('{')
    expect(resultOf(await run('"a\\nb"'))).toEqual([before[0], 'a\nb', true])
  })

  it('runs what only looks like JSON as text, as it came', async () => {
    for (const text of ['{not json}', '["a"\n\t"b"]', '"abc" and "d"', '[NaN]', '{"a":1},{"b":2}', '01']) {
      const invocation = await run(text, true)
      expect([invocation.isText, resultOf(invocation)[1]]).toEqual([true, text])
    }
    const json = await run('{"a":1}', true)
    expect([json.isText, resultOf(json)[1]]).toEqual([undefined, { a: 1 }])
  })

  it('takes 10 MiB, and refuses as much', async () => {
    const text = 'x'.repeat(10 * MIB - 20)
    expect(String(resultOf(await run(`["${text}"]`))[1]).length).toBe(text.length)
    expect(await run(`["${text}"`)).toMatchObject({ ok: false, error: { kind: 'unusable_input' } })
  })
})

it('a Python worker takes what it can not read for no JSON, and 10,000 lists within each other for text', async () => {
  const version = await test.addVersion('def apply(input):\n    return type(input).__name__\n')
  const run = (bytes: Buffer, isGuess?: true) =>
    test.runtime.invoke(version, { type: 'json', bytes, ...(isGuess && { isGuess }) }, { timeoutMs: 30_000 })
  const deep = Buffer.from('['.repeat(10_000) + ']'.repeat(10_000))
  expect(await run(deep)).toMatchObject({ error: { message: 'The input is not JSON: it is nested too deeply.' } })
  expect(await run(deep, true)).toMatchObject({ ok: true, isText: true, result: { bytes: Buffer.from('str') } })
  expect(await run(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ error: { kind: 'unusable_input' } })
})

function resultOf(invocation: Invocation): unknown[] {
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return JSON.parse(invocation.result.bytes.toString('utf8'))
}
