import type { RunnableVersion } from '@/lib/runtime/port'
import type { TestRuntime } from '@/lib/runtime/testing/test-runtime'
import { type Figure, figure, type Goal } from '../report'
import { measureInTurn, quantile, type Sample } from '../rounds'
import { startBarePipe } from './bare-pipe'
import { addEcho, type BenchLanguage, type RuntimeBench, startRuntime } from './subjects'

const SIZES = [
  { label: '200 B', bytes: 200, ms: 1_500 },
  { label: '100 kB', bytes: 100_000, ms: 1_500 },
  { label: '5 MB', bytes: 5_000_000, ms: 3_000 },
]
const WORKERS = [1, 2, 4]
const TIMEOUT_MS = 120_000
const WARM_UP_CALLS = 500

const RATE_GOAL: Goal = { of: 'ratio', atLeast: 0.6 }
const CPU_GOAL: Goal = { atMost: 0.5 }

/** Calls a second and their time, beside the bare pipe loop with the same bytes and the same number of processes. */
export async function benchCalls({ languages, options }: RuntimeBench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const language of languages) {
    const test = await startRuntime(Math.max(...WORKERS))
    const version = await addEcho(test, language)
    for (const size of SIZES) {
      for (const workers of WORKERS) {
        const input = jsonOfSize(size.bytes)
        const forMs = options.quick ? size.ms / 3 : size.ms
        await warmUp(test, version, workers)
        const [bare, subject] = (await measureInTurn(
          options.rounds,
          () => loopBare(language, input, workers, forMs),
          () => loopRuntime(test, version, input, workers, forMs),
        )) as [Sample, Sample]
        figures.push(...rows(`${language.label}, ${size.label}, ${count(workers)}`, subject, bare, size.label))
      }
    }
    await test.close()
  }
  return figures
}

function rows(name: string, subject: Sample, bare: Sample, size: string): Figure[] {
  const row = (what: string, unit: string, key: string, goal?: Goal) =>
    figure(`${name}: ${what}`, unit, subject[key] ?? Number.NaN, bare[key], goal)
  return [
    row('calls', '/s', 'rate', size === '200 B' ? RATE_GOAL : undefined),
    row('p50', 'ms', 'p50'),
    row('p99', 'ms', 'p99'),
    row('server CPU a call', 'ms', 'cpu', size === '100 kB' ? CPU_GOAL : undefined),
  ]
}

/** Calls that overlap for a while: as many workers as callers. */
async function warmUp(test: TestRuntime, version: RunnableVersion, workers: number): Promise<void> {
  const bytes = Buffer.from('"sleep"')
  do {
    const calls = Array.from({ length: workers }, () =>
      test.runtime.invoke(version, { type: 'json', bytes }, { timeoutMs: TIMEOUT_MS }),
    )
    for (const { ok } of await Promise.all(calls)) if (!ok) throw new Error('The echo algorithm does not run.')
  } while (test.runtime.stats().workers < workers)
  // Both sides are measured with compiled code: the bare loop has next to none.
  const small = Buffer.from('1')
  for (let done = 0; done < WARM_UP_CALLS; done++) {
    await test.runtime.invoke(version, { type: 'json', bytes: small }, { timeoutMs: TIMEOUT_MS })
  }
}

function loopRuntime(test: TestRuntime, version: RunnableVersion, input: Buffer, workers: number, forMs: number) {
  const callers = Array.from({ length: workers }, () => async () => {
    const outcome = await test.runtime.invoke(version, { type: 'json', bytes: input }, { timeoutMs: TIMEOUT_MS })
    if (!outcome.ok) throw new Error(outcome.error.message)
    // JavaScript writes JSON without blanks.
    if (outcome.result.bytes.length < input.length / 2) throw new Error('The answer is cut.')
  })
  return loop(callers, forMs)
}

async function loopBare(language: BenchLanguage, input: Buffer, workers: number, forMs: number): Promise<Sample> {
  const pipes = Array.from({ length: workers }, () => startBarePipe(language))
  const line = Buffer.concat([Buffer.from('{"content_type":"json","data":'), input, Buffer.from('}\n')])
  await Promise.all(pipes.map((pipe) => pipe.call(line)))
  const sample = await loop(
    pipes.map((pipe) => async () => void (await pipe.call(line))),
    forMs,
  )
  await Promise.all(pipes.map((pipe) => pipe.close()))
  return sample
}

/** Each caller calls again as soon as it is answered. */
async function loop(callers: Array<() => Promise<void>>, forMs: number): Promise<Sample> {
  const times: number[] = []
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(
    callers.map(async (call) => {
      while (performance.now() - startedAt < forMs) {
        const calledAt = performance.now()
        await call()
        times.push(performance.now() - calledAt)
      }
    }),
  )
  const tookMs = performance.now() - startedAt
  const cpu = process.cpuUsage(cpuBefore)
  return {
    rate: (times.length * 1_000) / tookMs,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    cpu: (cpu.user + cpu.system) / 1_000 / times.length,
  }
}

/** A list of records, as messages hold them: numbers, texts and nesting. */
export function jsonOfSize(bytes: number): Buffer {
  const record = (id: number) =>
    `{"id": ${id}, "name": "record ${id}", "values": [1.5, 2, ${id}.25], "tags": {"kind": "bench", "ok": true}}`
  const records: string[] = []
  for (let length = 2; length + record(records.length).length + 2 <= Math.max(bytes, 100); ) {
    length += record(records.length).length + 2
    records.push(record(records.length))
  }
  return Buffer.from(`[${records.join(', ')}]`)
}

function count(workers: number): string {
  return workers === 1 ? '1 worker' : `${workers} workers`
}
