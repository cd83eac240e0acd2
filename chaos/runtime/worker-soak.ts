import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Invocation, RunnableVersion } from '@/lib/runtime/port'
import { startTestRuntime, type TestRuntime } from '@/lib/runtime/testing/test-runtime'
import { type Account, accountFor } from '../frame/account'
import type { Scenario, ScenarioOptions } from '../frame/scenario'
import { childrenOf, countHoldings, type Holdings } from './leaks'
import { chooseDeed, type Deed, ENDINGS, SOAK_ALGORITHM } from './soak-algorithm'

const CALLS = 100_000
const VERSIONS = 20
const KILLS = 200
const CALLERS = 8
const TIMEOUT_MS = 10_000
const HANG_TIMEOUT_MS = 200
/** It writes half a gigabyte with the small share of the processor that a worker has: on a busy machine that takes long. */
const MEMORY_TIMEOUT_MS = 120_000
const SAMPLES = 20
const MAX_HEAP_GROWTH_MB = 16
const MAX_RESIDENT_GROWTH_MB = 96
/** What stays below the run folder while the server lives: the harness and the stock of pipes. */
const STANDING_FOLDERS = ['harness', 'pipes']

export const workerSoak: Scenario = {
  name: 'worker-soak',
  sentence:
    '100,000 calls of 20 versions, some of which end, hang, print or answer without measure, while workers are killed; nothing may leak.',
  limitMs: 45 * 60_000,
  run: soak,
}

type Run = {
  test: TestRuntime
  versions: RunnableVersion[]
  answered: string[]
  complaints: string[]
  /** The errors of calls that a kill from outside ended. */
  killed: string[]
  kills: number
}

async function soak({ random, messages = CALLS, rounds = KILLS, say }: ScenarioOptions): Promise<Account> {
  const before = countHoldings()
  const test = await startTestRuntime()
  const versions = await Promise.all(Array.from({ length: VERSIONS }, () => test.addVersion(SOAK_ALGORITHM)))
  const run: Run = { test, versions, answered: [], complaints: [], killed: [], kills: 0 }
  const keys = Array.from({ length: messages }, (_, index) => String(index))
  const killAfter = random.moments(rounds, 0.02).map((moment) => Math.floor(moment * messages))
  const samples: Holdings[] = []
  let next = 0
  const callInTurn = async () => {
    while (next < keys.length) {
      const key = keys[next++] as string
      if (next % Math.max(1, Math.floor(messages / SAMPLES)) === 0) samples.push(sample(run, say))
      while (killAfter.length > 0 && (killAfter[0] as number) <= next) {
        killAfter.shift()
        killOne(run, random.share())
      }
      await callOnce(run, random.pick(versions as [RunnableVersion]), key, chooseDeed(random))
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, callInTurn))
  for (const { algorithmId } of versions) await test.runtime.drop(algorithmId)
  await quiet(test)
  const { starts, ends } = test.runtime.stats()
  checkFolders(run)
  await test.close()
  checkHoldings(run, before, countHoldings(), samples)
  if (run.killed.length > run.kills) {
    const some = run.killed.slice(0, 20).join(' ')
    run.complaints.push(`${run.killed.length} calls met the end of a worker, after ${run.kills} kills: ${some}`)
  }
  const last = samples.at(-1)
  return accountFor(
    { sent: keys, done: run.answered },
    {
      level: test.sandbox.level,
      kills: run.kills,
      callsEndedByKills: run.killed.length,
      workersStarted: starts,
      ...Object.fromEntries(Object.entries(ends).map(([reason, count]) => [`ended: ${reason}`, count])),
      heapMb: samples.map(({ heapMb }) => heapMb).join(' → '),
      residentMb: samples.map(({ residentMb }) => residentMb).join(' → '),
      descriptorsAtWork: last?.descriptors ?? 0,
    },
    run.complaints,
  )
}

async function callOnce(run: Run, version: RunnableVersion, key: string, deed: Deed): Promise<void> {
  const input = { type: 'json' as const, bytes: Buffer.from(JSON.stringify({ deed, key })) }
  const timeoutMs = deed === 'hang' ? HANG_TIMEOUT_MS : deed === 'memory' ? MEMORY_TIMEOUT_MS : TIMEOUT_MS
  const outcome = await run.test.runtime.invoke(version, input, { timeoutMs })
  run.answered.push(key)
  const wrong = explainWrong(outcome, deed, key)
  if (!wrong) return
  const mayBeKill = !outcome.ok && ['worker_exit', 'aborted', 'loading_error'].includes(outcome.error.kind)
  if (mayBeKill) run.killed.push(`${key} (${deed}): ${wrong}`)
  else if (run.complaints.length < 20) run.complaints.push(`Call ${key} (${deed}): ${wrong}`)
}

/** A result and an output that are this call's own, or the error that its deed deserves. */
function explainWrong(outcome: Invocation, deed: Deed, key: string): string | undefined {
  const expected = ENDINGS[deed]
  if (expected !== 'result') {
    if (outcome.ok) return 'it has a result.'
    return expected.includes(outcome.error.kind) ? undefined : `${outcome.error.kind}: ${outcome.error.message}`
  }
  if (!outcome.ok) return `${outcome.error.kind}: ${outcome.error.message}`
  const result = outcome.result.bytes.toString()
  if (result !== key) return `it got the result ${result.slice(0, 50)}.`
  if (!outcome.stdout.startsWith(`call ${key}\n`)) return `it got the output ${outcome.stdout.slice(0, 50)}.`
  return outcome.isTruncated === (deed === 'flood-output') ? undefined : 'its output was cut, or not cut, wrongly.'
}

/** SIGKILL to the sandbox of some worker, starting, idle or busy. */
function killOne(run: Run, share: number): void {
  const children = childrenOf(process.pid)
  const pid = children[Math.floor(share * children.length)]
  if (pid === undefined) return
  try {
    process.kill(pid, 'SIGKILL')
    run.kills++
  } catch {
    // it ended by itself in between
  }
}

function sample(run: Run, say: (text: string) => void): Holdings {
  const holdings = countHoldings()
  const { workers, starts } = run.test.runtime.stats()
  const { descriptors, heapMb, residentMb } = holdings
  say(
    `${run.answered.length} calls, ${starts} starts, ${workers} workers, ${descriptors} descriptors, heap ${heapMb} MB, resident ${residentMb} MB`,
  )
  return holdings
}

async function quiet({ runtime }: TestRuntime): Promise<void> {
  for (let waited = 0; runtime.stats().workers > 0 && waited < 30_000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function checkFolders(run: Run): void {
  const left = readdirSync(join(run.test.dataDir, 'run', String(process.pid)))
  const leaked = left.filter((name) => !STANDING_FOLDERS.includes(name))
  if (leaked.length > 0) run.complaints.push(`Folders of workers were left: ${leaked.slice(0, 5).join(', ')}.`)
}

function checkHoldings(run: Run, before: Holdings, after: Holdings, samples: Holdings[]): void {
  const check = (isLeak: boolean, sentence: string) => {
    if (isLeak) run.complaints.push(sentence)
  }
  // One more descriptor is Node's own now and then: an inspector, a random device.
  check(
    after.descriptors > before.descriptors + 2,
    `Descriptors: ${before.descriptors} before, ${after.descriptors} after.`,
  )
  check(after.children > before.children, `Processes: ${before.children} before, ${after.children} after.`)
  check(after.cgroups > before.cgroups, `Cgroups: ${before.cgroups} before, ${after.cgroups} after.`)
  const heap = growthOf(samples.map(({ heapMb }) => heapMb))
  check(heap.to - heap.from > MAX_HEAP_GROWTH_MB, `The heap grew from ${heap.from} to ${heap.to} MB.`)
  const resident = growthOf(samples.map(({ residentMb }) => residentMb))
  check(
    resident.to - resident.from > MAX_RESIDENT_GROWTH_MB,
    `The server grew from ${resident.from} to ${resident.to} MB.`,
  )
}

/** The lowest of the first and of the last quarter: calls with large results and outputs come on top of what is kept. */
function growthOf(megabytes: number[]): { from: number; to: number } {
  const quarter = Math.max(1, megabytes.length >> 2)
  return { from: Math.min(...megabytes.slice(0, quarter)), to: Math.min(...megabytes.slice(-quarter)) }
}
