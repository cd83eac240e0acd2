import { spawn } from 'node:child_process'
import type { RunnableVersion } from '@/lib/runtime/port'
import type { TestRuntime } from '@/lib/runtime/testing/test-runtime'
import { type Figure, figure } from '../report'
import { measureInTurn, type Sample } from '../rounds'
import { addEcho, type BenchLanguage, buildWithNumpy, type RuntimeBench, startRuntime } from './subjects'

const TIMEOUT_MS = 120_000
const STARTS_A_ROUND = 5

/** From nothing to the first answer, beside the bare interpreter's start to its end. */
export async function benchStart({ languages, options }: RuntimeBench): Promise<Figure[]> {
  const test = await startRuntime(2)
  const figures: Figure[] = []
  for (const language of languages) {
    const version = await addEcho(test, language)
    await startOnce(test, version)
    const [bare, subject] = await inTurn(options.rounds, test, version, bareStart(language))
    figures.push(
      figure(`${language.label}, plain: cold start`, 'ms', subject.ms ?? Number.NaN, bare.ms, {
        of: 'difference',
        atMost: 80,
      }),
    )
  }
  figures.push(...(await benchNumpy(test, languages, options.rounds)))
  await test.close()
  return figures
}

async function benchNumpy(test: TestRuntime, languages: BenchLanguage[], rounds: number): Promise<Figure[]> {
  const python = languages.find(({ language }) => language === 'python') as BenchLanguage
  const numpy = await buildWithNumpy(test, python)
  if ('failure' in numpy) {
    process.stderr.write(`numpy is left out: ${numpy.failure}\n`)
    return []
  }
  await startOnce(test, numpy.version)
  const [bare, subject] = await inTurn(rounds, test, numpy.version, [numpy.interpreterPath, '-c', 'import numpy'])
  return [
    figure('Python, import numpy: cold start', 'ms', subject.ms ?? Number.NaN, bare.ms, {
      of: 'difference',
      atMost: 80,
    }),
    figure('an environment already known: build', 's', numpy.secondBuildMs / 1_000, undefined, { atMost: 0.5 }),
  ]
}

async function inTurn(rounds: number, test: TestRuntime, version: RunnableVersion, command: string[]) {
  return (await measureInTurn(
    rounds * STARTS_A_ROUND,
    async () => ({ ms: await timeOf(() => runToEnd(command)) }),
    async () => ({ ms: await startOnce(test, version) }),
  )) as [Sample, Sample]
}

function bareStart({ language, interpreterPath }: BenchLanguage): string[] {
  return language === 'python' ? [interpreterPath, '-c', 'pass'] : [interpreterPath, '-e', '0']
}

/** The first call of a version that no worker has, until its answer. */
async function startOnce(test: TestRuntime, version: RunnableVersion): Promise<number> {
  const input = { type: 'json' as const, bytes: Buffer.from('1') }
  const took = await timeOf(async () => {
    const outcome = await test.runtime.invoke(version, input, { timeoutMs: TIMEOUT_MS })
    if (!outcome.ok || !outcome.isColdStart) throw new Error(JSON.stringify(outcome))
  })
  await test.runtime.drop(version.algorithmId)
  while (test.runtime.stats().workers > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  return took
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function runToEnd([command = '', ...args]: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(command, args, { stdio: 'ignore' })
      .once('error', reject)
      .once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))))
  })
}
