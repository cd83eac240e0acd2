import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_INPUT_BYTES, MIB } from '../limits'
import type { Invocation, Payload, RunnableVersion } from '../port'
import { adk, errorOf, json, NOTHING } from '../testing/python-calls'
import { callJson, PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

let test: TestRuntime

beforeAll(async () => {
  test = await startTestRuntime()
})
afterAll(() => test.close())

describe('limits', () => {
  it('settle a call that takes too long at once, with what it printed', async () => {
    const version = await test.addVersion(adk('def apply(i):\n    print("started")\n    while True: pass'))
    await invoke(version, NOTHING, 300)
    const invocation = await invoke(version, NOTHING, 300)
    expect(errorOf(invocation)).toEqual({
      kind: 'timeout',
      errorType: 'TimeoutError',
      message: 'The algorithm did not complete within 0.3 seconds.',
    })
    expect(invocation.stdout).toBe('started\n')
    expect(invocation.durationMs).toBeLessThan(600)
    expect(errorOf(await invoke(version, NOTHING, 1_000)).message).toBe(
      'The algorithm did not complete within 1 second.',
    )
  })

  it('hold for memory: an error that the code can catch, or the end of the process', async () => {
    const version = await test.addVersion(
      adk(
        'def apply(how):\n    if how == "one": return len(bytearray(900 << 20))\n    blocks = []\n    for i in range(60):\n        blocks.append(open("/dev/shm/%d" % i, "wb").write(b"x" * (1 << 20)) and bytearray(b"x" * (8 << 20)))\n    return len(blocks)',
      ),
    )
    expect(errorOf(await invoke(version, json('one')))).toMatchObject({
      kind: 'out_of_memory',
      errorType: 'OutOfMemoryError',
    })
  })

  it('hold for the size of inputs and results', async () => {
    const version = await test.addVersion(adk('def apply(n):\n    return "x" * int(n) if n != "big" else 1'))
    const input = { type: 'text' as const, bytes: Buffer.alloc(MAX_INPUT_BYTES + 1, 'x') }
    expect(errorOf(await invoke(version, input))).toMatchObject({ kind: 'input_too_large', errorType: 'TooLargeError' })
    const tooLarge = await invoke(version, json(16 * MIB))
    expect(errorOf(tooLarge).kind).toBe('result_too_large')
    const largest = await invoke(version, json(15 * MIB))
    expect(largest.ok && largest.result.bytes.length).toBe(15 * MIB)
    expect(largest.isColdStart).toBe(false)
  })

  it('let a caller give up', async () => {
    const version = await test.addVersion(adk('import time\ndef apply(i):\n    print("on")\n    time.sleep(60)'))
    const giveUp = new AbortController()
    const running = test.runtime.invoke(version, NOTHING, { timeoutMs: 30_000, signal: giveUp.signal })
    await expect.poll(() => test.runtime.stats().busy, PATIENCE).toBeGreaterThan(0)
    giveUp.abort()
    expect(errorOf(await running).kind).toBe('aborted')
  })
})

describe('a process that misbehaves', () => {
  it('is replaced after it exits, crashes or forges answers', async () => {
    const code = [
      'import os, ctypes, sys',
      'def apply(how):',
      '    if how == "exit": sys.exit(3)',
      '    if how == "crash": ctypes.string_at(0)',
      '    if how == "forge": open("/tmp/algoout", "w").write("#ffff json 1\\n1\\n")',
      '    if how == "garbage": open("/tmp/algoout", "w").write("garbage\\n")',
      '    return "fine"',
    ].join('\n')
    const version = await test.addVersion(adk(code))
    const errors: string[] = []
    for (const how of ['exit', 'crash', 'forge', 'garbage'])
      errors.push(errorOf(await invoke(version, json(how))).message)
    expect(errors).toEqual([
      'The algorithm’s process ended with exit code 3.',
      'The algorithm’s process was ended by signal SIGSEGV.',
      'The algorithm wrote to the pipe of the answers by itself; its process was ended.',
      'The algorithm wrote to the pipe of the answers by itself; its process was ended.',
    ])
    expect(await callJson(test, version, 'well')).toEqual({ type: 'text', text: 'fine' })
  })

  it('leaves what it said last in the log', async () => {
    const version = await test.addVersion(adk('import sys\ndef apply(i):\n    sys.exit("bye")'))
    const invocation = await invoke(version, NOTHING)
    expect(errorOf(invocation).message).toBe('The algorithm’s process ended with exit code 1.')
    expect(invocation.stderr).toBe('bye\n')
  })

  it('is ended when it answers without being asked', async () => {
    const code = [
      'import threading, time',
      'def later():',
      '    time.sleep(0.05)',
      '    open("/tmp/algoout", "w").write("#0 json 1\\n7\\n")',
      'def apply(i):',
      '    threading.Thread(target=later).start()',
      '    return "true answer"',
    ].join('\n')
    const version = await test.addVersion(adk(code))
    expect(await callJson(test, version, 1)).toEqual({ type: 'text', text: 'true answer' })
    const workers = test.runtime.stats().workers
    await expect.poll(() => test.runtime.stats().workers, PATIENCE).toBeLessThan(workers)
    expect(await callJson(test, version, 1)).toEqual({ type: 'text', text: 'true answer' })
  })

  it('can not keep the next request from reaching apply', async () => {
    const version = await test.addVersion(
      adk('import subprocess\ndef apply(i):\n    subprocess.run(["cat"])\n    return i'),
    )
    expect((await callJson(test, version, 1)).text).toBe('1')
    expect((await callJson(test, version, 2)).text).toBe('2')
  })

  it('may write the answers of the stock language pack', async () => {
    const stock = [
      'import json, sys',
      'print("PIPE_INIT_COMPLETE"); sys.stdout.flush()',
      'for line in sys.stdin:',
      '    request = json.loads(line)',
      '    with open("/tmp/algoout", "w") as f:',
      '        f.write(json.dumps({"result": request["data"], "metadata": {"content_type": request["content_type"]}}) + "\\n")',
    ].join('\n')
    const version = await test.addVersion(stock)
    expect(await callJson(test, version, { a: 'é' })).toEqual({ type: 'json', text: '{"a":"é"}' })
    expect(await invoke(version, { type: 'binary', bytes: Buffer.from([9]) })).toMatchObject({
      result: { type: 'binary', bytes: Buffer.from([9]) },
    })
    for (const input of ['{not json}', '1,"data":2']) {
      const json = { type: 'json', bytes: Buffer.from(input) } as const
      expect(await invoke(version, json)).toMatchObject({ ok: false, error: { kind: 'unusable_input' } })
      const text = await invoke(version, { ...json, isGuess: true })
      expect(text).toMatchObject({ ok: true, isText: true, result: { type: 'text', bytes: json.bytes } })
    }
  })
})

function invoke(version: RunnableVersion, input: Payload, timeoutMs = 15_000): Promise<Invocation> {
  return test.runtime.invoke(version, input, { timeoutMs })
}
