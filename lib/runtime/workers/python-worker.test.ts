import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Invocation, RunnableVersion } from '../port'
import { startTestRuntime, type TestRuntime } from '../testing/test-runtime'

let test: TestRuntime

beforeAll(async () => {
  test = await startTestRuntime()
})
afterAll(() => test.close())

describe('a Python algorithm', () => {
  it('answers with what apply returns', async () => {
    const version = await test.addVersion(adk('def apply(input):\n    return {"hello": input["name"]}'))
    const invocation = await call(version, { name: 'foo' })
    expect(resultOf(invocation)).toEqual({ type: 'json', text: '{"hello": "foo"}' })
    expect(invocation.isColdStart).toBe(true)
  })
})

function adk(code: string): string {
  return `import Algorithmia\nfrom Algorithmia import ADK\n${code}\nalgorithm = ADK(apply)\nalgorithm.init("Algorithmia")\n`
}

function call(version: RunnableVersion, input: unknown, timeoutMs = 10_000): Promise<Invocation> {
  return test.runtime.invoke(version, { type: 'json', bytes: Buffer.from(JSON.stringify(input)) }, { timeoutMs })
}

function resultOf(invocation: Invocation) {
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return { type: invocation.result.type, text: invocation.result.bytes.toString('utf8') }
}
