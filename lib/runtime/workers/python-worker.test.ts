import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WORKER_LIMITS } from '../limits'
import type { Invocation, Payload, RunnableVersion } from '../port'
import { CONTEXT } from '../testing/message-context'
import { adk, errorOf, json, jsonOf, NOTHING } from '../testing/python-calls'
import { callJson, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

let test: TestRuntime

beforeAll(async () => {
  test = await startTestRuntime()
})
afterAll(() => test.close())

describe('a Python algorithm', () => {
  it('answers with what apply returns, by its type', async () => {
    const version = await test.addVersion(adk('def apply(input):\n    return eval(input)'))
    expect(await callJson(test, version, '{"a": [1, None]}')).toEqual({ type: 'json', text: '{"a": [1, null]}' })
    expect(await callJson(test, version, '"grüße"')).toEqual({ type: 'text', text: 'grüße' })
    expect(await callJson(test, version, 'None')).toEqual({ type: 'json', text: 'null' })
    const binary = await invoke(version, { type: 'text', bytes: Buffer.from('bytes([0, 255, 10])') })
    expect(binary).toMatchObject({ ok: true, result: { type: 'binary', bytes: Buffer.from([0, 255, 10]) } })
  })

  it('takes text, binary and JSON with line breaks', async () => {
    const version = await test.addVersion(adk('def apply(input):\n    return [type(input).__name__, str(input)]'))
    const text = await invoke(version, { type: 'text', bytes: Buffer.from('a "b"\n€') })
    expect(jsonOf(text)).toEqual(['str', 'a "b"\n€'])
    const binary = await invoke(version, { type: 'binary', bytes: Buffer.from([1, 10]) })
    expect(jsonOf(binary)).toEqual(['bytes', "b'\\x01\\n'"])
    const json = await invoke(version, { type: 'json', bytes: Buffer.from('{\r\n "a": "x\\ny"\n}\n') })
    expect(jsonOf(json)).toEqual(['dict', "{'a': 'x\\ny'}"])
  })

  it('refuses JSON that is nested deeper than Python reads, and stays', async () => {
    const version = await test.addVersion(adk('import os\ndef apply(input):\n    return os.getpid()'))
    const before = jsonOf(await invoke(version, NOTHING))
    const deep = { type: 'json', bytes: Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) } as const
    expect(errorOf(await invoke(version, deep))).toMatchObject({
      kind: 'unusable_input',
      message: 'The input is not JSON: it is nested too deeply.',
    })
    expect(jsonOf(await invoke(version, NOTHING))).toEqual(before)
  })

  it('keeps its process warm and hands over what load returned', async () => {
    const code = 'import os\ndef load():\n    return {"pid": os.getpid()}\ndef apply(input, state):\n    return state'
    const version = await test.addVersion(adk(code, 'ADK(apply, load)'))
    const first = await invoke(version, NOTHING)
    const second = await invoke(version, NOTHING)
    expect([first.isColdStart, second.isColdStart]).toEqual([true, false])
    expect(jsonOf(second)).toEqual(jsonOf(first))
  })

  it('learns of its message when it asks, beside what load returned, and of no message when there is none', async () => {
    const asks = await test.addVersion(adk('def apply(input, context):\n    return context'))
    const loads = await test.addVersion(
      adk('def load():\n    return 7\ndef apply(i, state, context):\n    return [state, context]', 'ADK(apply, load)'),
    )
    const unnamed = await test.addVersion(
      adk('def load():\n    return 7\ndef apply(i, context):\n    return context', 'ADK(apply, load)'),
    )
    const plain = await test.addVersion('def apply(input, *, context):\n    return context["message"]')
    expect(jsonOf(await ask(asks))).toEqual(CONTEXT)
    expect(jsonOf(await invoke(asks, NOTHING))).toEqual({ message: null })
    expect(jsonOf(await ask(loads))).toEqual([7, CONTEXT])
    // Code from before there was a context: its second parameter is what load returned, whatever its name.
    expect(jsonOf(await ask(unnamed))).toBe(7)
    expect(jsonOf(await ask(plain))).toEqual(CONTEXT.message)
  })

  it('can not be told of a message by its input', async () => {
    const asks = await test.addVersion(adk('def apply(input, context):\n    return context'))
    const forged = { type: 'json', bytes: Buffer.from('1,"context":{"message":{"message_id":"forged"}}') } as const
    expect(errorOf(await invoke(asks, forged))).toMatchObject({ kind: 'unusable_input' })
    const text = await test.runtime.invoke(asks, { ...forged, isGuess: true }, { timeoutMs: 15_000 })
    expect(jsonOf(text)).toEqual({ message: null })
  })

  it('may be a plain module with apply', async () => {
    const version = await test.addVersion('def apply(input):\n    return "hello " + input\n')
    expect(await callJson(test, version, 'foo')).toEqual({ type: 'text', text: 'hello foo' })
  })

  it('may be the template’s src/Algorithm.py and import its neighbours', async () => {
    const version = await test.addVersion({
      'src/Algorithm.py': adk(
        'from src.words import WORD\nfrom other import OTHER\ndef apply(i):\n    return WORD + OTHER',
      ),
      'src/__init__.py': '',
      'src/words.py': 'WORD = "one "\n',
      'src/other.py': 'OTHER = "two"\n',
    })
    expect(await callJson(test, version, 1)).toEqual({ type: 'text', text: 'one two' })
  })

  it('reports an exception with its type, text and the author’s part of the stack', async () => {
    const code =
      'class Odd(Exception):\n    error_type = "InputError"\ndef apply(input):\n    print("seen")\n    raise Odd("no " + input)'
    const invocation = await invoke(await test.addVersion(adk(code)), json('good'))
    const error = errorOf(invocation)
    expect(error).toMatchObject({ kind: 'algorithm_error', errorType: 'InputError', message: 'no good' })
    expect(error.stackTrace).toContain('src/Echo.py", line 7, in apply')
    expect(error.stackTrace).not.toContain('/runner/')
    expect(invocation.stdout).toBe('seen\n')
  })

  it('reports an exception however long it is and whatever it says of itself, and stays', async () => {
    const version = await test.addVersion(
      adk(`class Long(Exception):
    error_type = "L" * 100_000
class Silent(Exception):
    error_type = property(lambda self: 1 / 0)
    def __str__(self):
        raise self
def apply(input):
    raise Long("\\U0001f600" * 100_000) if input else Silent()`),
    )
    const long = errorOf(await invoke(version, json(1)))
    expect(long).toMatchObject({ kind: 'algorithm_error', errorType: 'L'.repeat(256) })
    expect(long.message).toMatch(/^😀{65536} … \(cut\)$/u)
    expect(errorOf(await invoke(version, json(0)))).toMatchObject({ errorType: 'AlgorithmError', message: 'Silent' })
    expect((await invoke(version, json(0))).isColdStart).toBe(false)
  })

  it('reports results that JSON can not hold', async () => {
    const version = await test.addVersion(adk('def apply(input):\n    return {1, 2} if input else float("nan")'))
    expect(errorOf(await invoke(version, json(1))).message).toContain('set is not JSON serializable')
    expect(errorOf(await invoke(version, json(0))).message).toContain('not JSON compliant')
    expect((await invoke(version, json(1))).isColdStart).toBe(false)
  })
})

describe('an algorithm that can not be loaded', () => {
  it('says why: the import', async () => {
    const error = errorOf(await invoke(await test.addVersion('import nothing_like_this\n'), NOTHING))
    expect(error).toMatchObject({ kind: 'loading_error', message: "No module named 'nothing_like_this'" })
    expect(error.stackTrace).toContain('src/Echo.py", line 1')
  })

  it('says why: its load', async () => {
    const version = await test.addVersion(
      adk('def load():\n    1/0\ndef apply(i, s):\n    return s', 'ADK(apply, load)'),
    )
    const error = errorOf(await invoke(version, NOTHING))
    expect(error).toMatchObject({ kind: 'loading_error', errorType: 'LoadingError', message: 'division by zero' })
  })

  it('says why: no apply, no source, no exit in good order', async () => {
    const noApply = errorOf(await invoke(await test.addVersion('x = 1\n'), NOTHING))
    expect(noApply.message).toBe('src/Echo.py starts no ADK and has no function apply.')
    const exits = await test.addVersion('import os, sys\nprint("bye", file=sys.stderr)\nos._exit(7)\n')
    const exited = await invoke(exits, NOTHING)
    expect(errorOf(exited).message).toBe('The algorithm could not be loaded: its process ended with exit code 7.')
    expect(exited.stderr).toBe('bye\n')
    const missing = { ...(await test.addVersion('')), commitSha: 'f'.repeat(40) }
    expect(errorOf(await invoke(missing, NOTHING)).kind).toBe('not_built')
    const without = { ...(await test.addVersion('')), interpreterPath: '/opt/python/bin/python3.7' }
    expect(errorOf(await invoke(without, NOTHING))).toMatchObject({
      kind: 'not_built',
      message: expect.stringMatching(
        /^The interpreter of \S+, \/opt\/python\/bin\/python3.7, is not on this server any more\./,
      ),
    })
  })
})

describe('what an algorithm prints', () => {
  it('counts for the call that printed it', async () => {
    const code =
      'import sys\nprint("loading")\ndef apply(n):\n    print("o" * n)\n    print("e", file=sys.stderr)\n    return n'
    const version = await test.addVersion(adk(code))
    const first = await invoke(version, json(3))
    expect([first.stdout, first.stderr]).toEqual(['loading\nooo\n', 'e\n'])
    for (let size = 1; size < 400_000; size = size * 3 + 1) {
      const { stdout, stderr } = await invoke(version, json(size))
      expect([stdout.length, stderr]).toEqual([size + 1, 'e\n'])
    }
  })

  it('may be closed, replaced or made one that does not wait: the call has its result', async () => {
    const version = await test.addVersion(
      adk(`import os, sys
def apply(how):
    if how == "closed": sys.stdout.close()
    elif how == "none": sys.stdout = None
    elif how == "hasty":
        os.set_blocking(2, False)
        try: sys.stderr.write("e" * 900_000)
        except BlockingIOError: pass
    return [how]`),
    )
    for (const how of ['hasty', 'hasty', 'closed', 'closed', 'none', 'none']) {
      expect(jsonOf(await invoke(version, json(how)))).toEqual([how])
    }
  })

  it('is cut in the middle beyond 1 MiB a stream', async () => {
    const code =
      'def apply(n):\n    print("first")\n    for i in range(n):\n        print("x" * 1023)\n    print("last")\n    return n'
    const invocation = await invoke(await test.addVersion(adk(code)), json(5_000))
    expect(invocation.isTruncated).toBe(true)
    expect(invocation.stdout).toMatch(/^first\n[\s\S]*bytes left out[\s\S]*\nlast\n$/)
    expect(invocation.stdout.length).toBeLessThan(WORKER_LIMITS.outputBytes + 100)
  })
})

describe('secrets', () => {
  it('are environment variables; nothing of the server’s environment is', async () => {
    process.env.HEADRACE_TEST_LEAK = 'leaked'
    const version = await test.addVersion(adk('import os\ndef apply(i):\n    return dict(os.environ)'), {
      readSecrets: async () => ({ CONNECTION_STR: 'a=b;c\n"d"' }),
    })
    const environment = jsonOf(await invoke(version, NOTHING)) as Record<string, string>
    expect(environment.CONNECTION_STR).toBe('a=b;c\n"d"')
    expect(environment.ALGORITHMIA_API).toBe('http://127.0.0.1:8080')
    expect(Object.keys(environment)).not.toContain('HEADRACE_TEST_LEAK')
    expect(Object.keys(environment)).not.toContain('DATABASE_URL')
  })

  it('are read anew after drop', async () => {
    let value = 'old'
    const version = await test.addVersion(adk('import os\ndef apply(i):\n    return os.environ["WORD"]'), {
      readSecrets: async () => ({ WORD: value }),
    })
    expect((await callJson(test, version, 1)).text).toBe('old')
    value = 'new'
    expect((await callJson(test, version, 1)).text).toBe('old')
    await test.runtime.drop(version.algorithmId)
    expect((await callJson(test, version, 1)).text).toBe('new')
  })
})

function invoke(version: RunnableVersion, input: Payload, timeoutMs = 15_000): Promise<Invocation> {
  return test.runtime.invoke(version, input, { timeoutMs })
}

function ask(version: RunnableVersion): Promise<Invocation> {
  return test.runtime.invoke(version, NOTHING, { timeoutMs: 15_000, context: CONTEXT })
}
