import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { BuildRequest } from '../port'
import { callJson, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** The package and what it depends on are downloaded and compiled. */
const BUILD_TIMEOUT_MS = 300_000
const GUIDE = `import Algorithmia
from Algorithmia import ADK
def apply(input):
    Algorithmia.client().file("data://ezra/c/" + input.get("filename")).put(input.get("data"))
    if input.get("raise"):
        raise Exception("as the stock ADK can not report it")
    return Algorithmia.__file__
algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

const files = new Map<string, string>()
let test: TestRuntime

beforeAll(async () => {
  test = await startTestRuntime({
    api: async (request) => {
      const { pathname } = new URL(request.url)
      files.set(`${request.method} ${pathname}`, await request.text())
      return Response.json({ result: 'data://ezra/c/x' })
    },
  })
})
afterAll(() => test.close())

it('the real `algorithmia` package works unchanged, with our ADK in front of its own', {
  timeout: BUILD_TIMEOUT_MS,
}, async () => {
  const request: BuildRequest = {
    algorithmId: randomUUID(),
    algorithmName: 'ezra/Echo',
    commitSha: 'a'.repeat(40),
    language: 'python',
    interpreterPath: test.interpreterPath,
    files: new Map([
      ['src/Echo.py', Buffer.from(GUIDE)],
      ['requirements.txt', Buffer.from('algorithmia>=1.0.0,<2.0\n')],
    ]),
  }
  const log: string[] = []
  const result = await test.builder.build(request, (line) => log.push(line))
  expect(result, log.join('\n')).toMatchObject({ ok: true })
  const version = await test.addVersion({}, { ...request, environmentKey: result.ok ? result.environmentKey : null })
  const input = { filename: 'real.txt', data: 'by the real client' }
  expect((await callJson(test, version, input, 60_000)).text).toMatch(/^\/env\/.*\/Algorithmia\/__init__.py$/)
  expect(files.get('PUT /v1/data/ezra/c/real.txt')).toBe('by the real client')
  await expect(callJson(test, version, { ...input, raise: true })).rejects.toThrow('as the stock ADK can not report it')
})
