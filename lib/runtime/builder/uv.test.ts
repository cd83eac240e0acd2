import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { callJson, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** uv itself is downloaded, as a wheel from PyPI. */
const DOWNLOAD_TIMEOUT_MS = 300_000

let folder: string
let test: TestRuntime
const formerPath = process.env.PATH

beforeAll(async () => {
  test = await startTestRuntime()
  folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-uv-'))
  chmodSync(folder, 0o755)
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--target', folder, 'uv']
  execFileSync(test.interpreterPath, pip, { stdio: 'pipe' })
  process.env.PATH = `${path.join(folder, 'bin')}${path.delimiter}${formerPath}`
}, DOWNLOAD_TIMEOUT_MS)
afterAll(async () => {
  process.env.PATH = formerPath
  rmSync(folder, { recursive: true, force: true })
  await test.close()
})

it('packages are installed with uv where it is on the path', { timeout: DOWNLOAD_TIMEOUT_MS }, async () => {
  const request = {
    algorithmId: randomUUID(),
    algorithmName: 'ezra/Echo',
    commitSha: 'd'.repeat(40),
    language: 'python' as const,
    interpreterPath: test.interpreterPath,
    files: new Map([
      ['src/Echo.py', Buffer.from('import six\ndef apply(input):\n    return six.__version__\n')],
      ['requirements.txt', Buffer.from('six==1.16.0\n')],
    ]),
  }
  const log: string[] = []
  const result = await test.builder.build(request, (line) => log.push(line))
  expect(result, log.join('\n')).toMatchObject({
    ok: true,
    packages: { installer: expect.stringMatching(/^uv \d/), names: 'six==1.16.0' },
  })
  expect(log.join('\n')).toMatch(/Installing packages with uv \d/)
  const environmentKey = result.ok ? result.environmentKey : null
  const version = await test.addVersion({}, { ...request, environmentKey })
  expect(await callJson(test, version, null)).toEqual({ type: 'text', text: '1.16.0' })

  const missing = { ...request, commitSha: 'e'.repeat(40), files: new Map(request.files) }
  missing.files.set('requirements.txt', Buffer.from('six==0.0.0.dev999\n'))
  const failed = await test.builder.build(missing, (line) => log.push(line))
  expect(failed).toMatchObject({ ok: false, error: expect.stringContaining('could not be installed') })
})
