import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callJson, PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

const CLIENT = [
  'import Algorithmia, os, time',
  'from Algorithmia import ADK',
  'def apply(input):',
  '    if input == "loop":',
  '        while True: pass',
  '    if input == "leave":',
  '        if os.fork() == 0:',
  '            os.setsid()',
  '            time.sleep(20)',
  '        os._exit(0)',
  '    Algorithmia.client().file("data://a/b/c").put("x")',
  '    return [os.environ["ALGORITHMIA_API"], os.getuid() == 0, "DATABASE_URL" in os.environ]',
  'ADK(apply).init("Algorithmia")',
].join('\n')

let dataDir: string
let test: TestRuntime | undefined

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'headrace-none-'))
  await chmod(dataDir, 0o755)
})
afterEach(async () => {
  await test?.close()
  await rm(dataDir, { recursive: true, force: true })
})

describe('without isolation', () => {
  it('nothing runs and nothing is built unless somebody opted in', async () => {
    test = await startTestRuntime({ dataDir, highestLevel: 'none' })
    expect(test.sandbox).toEqual({ level: 'none', reasons: ['Isolation is switched off.'], isRefused: true })
    const version = await test.addVersion(CLIENT)
    const input = { type: 'json' as const, bytes: Buffer.from('1') }
    const refused = await test.runtime.invoke(version, input, { timeoutMs: 1_000 })
    expect(refused).toMatchObject({ ok: false, error: { kind: 'sandbox_refused' } })
    expect(!refused.ok && refused.error.message).toContain('HEADRACE_ALLOW_UNSANDBOXED=1')
    const built = await test.builder.build(
      { ...version, files: new Map([['src/Echo.py', Buffer.from(CLIENT)]]) },
      () => {},
    )
    expect(built.ok).toBe(false)
  })

  it('algorithms run for whoever opted in: not as root, with a clean environment, the API and a time limit', async () => {
    process.env.DATABASE_URL ??= 'postgres://nowhere'
    let puts = 0
    const api = async () => {
      puts++
      return Response.json({ result: 'data://a/b/c' })
    }
    test = await startTestRuntime({ dataDir, highestLevel: 'none', allowUnsandboxed: true, api })
    expect(test.sandbox.isRefused).toBeUndefined()
    const version = await test.addVersion(CLIENT)
    const [address, isRoot, hasUrl] = JSON.parse((await callJson(test, version, 1)).text)
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    expect([isRoot, hasUrl, puts]).toEqual([false, false, 1])
    await expect(callJson(test, version, 'loop', 500)).rejects.toThrow('did not complete within 0.5 seconds')
    expect(JSON.parse((await callJson(test, version, 1)).text)[1]).toBe(false)
  })

  it('a worker has ended with its process, although a child that got away holds its output', async () => {
    test = await startTestRuntime({ dataDir, highestLevel: 'none', allowUnsandboxed: true })
    const version = await test.addVersion(CLIENT)
    await expect(callJson(test, version, 'leave')).rejects.toThrow('ended with exit code 0')
    await expect.poll(() => test?.runtime.stats().workers, PATIENCE).toBe(0)
  })
})
