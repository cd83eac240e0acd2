import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { discoverEnvironments } from '@/lib/environments/discover'
import { createRuntime, type RuntimeOptions } from '../create-runtime'
import type { CurrentRuntime } from '../current'
import { WORKER_LIMITS } from '../limits'
import type { RunnableVersion } from '../port'

export type TestRuntime = CurrentRuntime & {
  dataDir: string
  /** A Python that workers may execute. */
  interpreterPath: string
  /** Writes a source tree as a build would leave it. */
  addVersion(source: string | Record<string, string>, changes?: Partial<RunnableVersion>): Promise<RunnableVersion>
  close(): Promise<void>
}

/** For `expect.poll`: this machine may be busy. */
export const PATIENCE = { timeout: 15_000 }

export const HARNESS_DIR = path.resolve('lib/runtime/harness')

/** A runtime on a data folder of its own, with the sandbox that this machine gives. */
export async function startTestRuntime(changes: Partial<RuntimeOptions> = {}): Promise<TestRuntime> {
  const dataDir = changes.dataDir ?? (await mkdtemp(path.join(os.tmpdir(), 'headrace-runtime-')))
  const current = await createRuntime({
    dataDir,
    harnessDir: HARNESS_DIR,
    api: async () => Response.json({ error: { message: 'There is no API in this test.' } }, { status: 404 }),
    allowUnsandboxed: false,
    logger: pino({ level: 'silent' }),
    ...changes,
  })
  const python = (await discoverEnvironments()).find(({ language }) => language === 'python')
  if (!python) throw new Error('these tests need a Python 3 that a worker may execute')
  return {
    ...current,
    dataDir,
    interpreterPath: python.interpreterPath,
    addVersion: async (source, versionChanges) => {
      const version: RunnableVersion = {
        algorithmId: randomUUID(),
        ownerId: randomUUID(),
        callerId: randomUUID(),
        callerDataRight: 'read_write',
        algorithmName: 'ezra/Echo',
        commitSha: randomUUID().replaceAll('-', '').padEnd(40, '0'),
        language: 'python',
        interpreterPath: python.interpreterPath,
        environmentKey: null,
        networkAccess: 'full',
        limits: WORKER_LIMITS,
        readSecrets: async () => ({}),
        ...versionChanges,
      }
      const files = typeof source === 'string' ? { 'src/Echo.py': source } : source
      const folder = path.join(dataDir, 'versions', version.algorithmId, version.commitSha)
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(folder, name)
        await mkdir(path.dirname(file), { recursive: true })
        await writeFile(file, text)
      }
      return version
    },
    close: async () => {
      await current.runtime.close(0)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The result of one call as text; throws with the error when there is none. */
export async function callJson(test: CurrentRuntime, version: RunnableVersion, input: unknown, timeoutMs = 10_000) {
  const bytes = Buffer.from(JSON.stringify(input))
  const invocation = await test.runtime.invoke(version, { type: 'json', bytes }, { timeoutMs })
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return { type: invocation.result.type, text: invocation.result.bytes.toString('utf8') }
}
