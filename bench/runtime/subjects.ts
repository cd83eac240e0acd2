import { join } from 'node:path'
import { discoverEnvironments } from '@/lib/environments/discover'
import type { Language } from '@/lib/generated/prisma/enums'
import type { RunnableVersion } from '@/lib/runtime/port'
import { startTestRuntime, type TestRuntime } from '@/lib/runtime/testing/test-runtime'
import type { BenchOptions } from '../options'

export type BenchLanguage = { language: Language; label: string; interpreterPath: string }

/** What every part of the benchmark gets. */
export type RuntimeBench = { languages: BenchLanguage[]; options: BenchOptions }

const LABELS: Record<Language, string> = { python: 'Python', node: 'JavaScript' }

/** The first interpreter of each language that workers may run. */
export async function findLanguages(): Promise<BenchLanguage[]> {
  const found = await discoverEnvironments()
  return (Object.keys(LABELS) as Language[]).map((language) => {
    const one = found.find((environment) => environment.language === language)
    if (!one) throw new Error(`This benchmark needs ${LABELS[language]} where a worker may run it.`)
    return { language, label: LABELS[language], interpreterPath: one.interpreterPath }
  })
}

/** A runtime in the sandbox that this machine gives, with room for every worker of a benchmark. */
export async function startRuntime(maxWorkers: number): Promise<TestRuntime> {
  const test = await startTestRuntime({
    maxWorkers,
    idleMs: 600_000,
    surplusIdleMs: 600_000,
    maxQueuedMs: 600_000,
    policy: { maxWorkersPerVersion: maxWorkers },
  })
  if (test.sandbox.level === 'none') throw new Error(`There is no sandbox here: ${test.sandbox.reasons.join(' ')}`)
  return test
}

/** The least algorithm: gives back what it gets, and sleeps when told to. */
export function addEcho(test: TestRuntime, { language, interpreterPath }: BenchLanguage) {
  const python =
    'import time\nfrom Algorithmia import ADK\ndef apply(i):\n    if i == "sleep": time.sleep(0.3)\n    return i\nADK(apply).init()\n'
  const node =
    'exports.apply = async (i) => { if (i === "sleep") await new Promise((r) => setTimeout(r, 300)); return i }\n'
  const files: Record<string, string> = language === 'python' ? { 'src/Echo.py': python } : { 'src/Echo.js': node }
  return test.addVersion(files, { language, interpreterPath })
}

const NUMPY_CODE = 'import numpy\nfrom Algorithmia import ADK\ndef apply(i):\n    return i\nADK(apply).init()\n'

/** Builds an algorithm with numpy, then another commit of it: that one finds its environment. */
export async function buildWithNumpy(
  test: TestRuntime,
  { interpreterPath }: BenchLanguage,
): Promise<{ version: RunnableVersion; interpreterPath: string; secondBuildMs: number } | { failure: string }> {
  const version = await test.addVersion(NUMPY_CODE, { interpreterPath })
  const files = new Map([
    ['src/Echo.py', Buffer.from(NUMPY_CODE)],
    ['requirements.txt', Buffer.from('numpy\n')],
  ])
  const build = async (commitSha: string) => {
    const startedAt = performance.now()
    const result = await test.builder.build({ ...version, commitSha, files }, () => {})
    return { result, tookMs: performance.now() - startedAt }
  }
  const first = await build('1'.repeat(40))
  if (!first.result.ok) return { failure: first.result.error }
  const second = await build('2'.repeat(40))
  const { environmentKey } = first.result
  const environmentPython = join(test.dataDir, 'envs', environmentKey ?? '', 'bin/python')
  return {
    version: { ...version, commitSha: '2'.repeat(40), environmentKey },
    interpreterPath: environmentPython,
    secondBuildMs: second.tookMs,
  }
}
