import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { measureTree } from '@/lib/runtime/sandbox/process-memory'
import { type Figure, figure } from '../report'
import { measureInTurn, type Sample } from '../rounds'
import { measureBareInterpreters } from './bare-interpreters'
import { addEcho, type BenchLanguage, type RuntimeBench, startRuntime } from './subjects'

const COUNTS = [1, 50, 200]
const MANY = 200
const TIMEOUT_MS = 120_000
const MB = 1024 * 1024

/**
 * Idle workers of one plain version, each for a caller of its own: their memory, beside as many bare interpreters, and
 * the time until all are ready.
 */
export async function benchScale({ languages, options }: RuntimeBench): Promise<Figure[]> {
  const python = languages.find(({ language }) => language === 'python') as BenchLanguage
  const figures: Figure[] = []
  for (const count of COUNTS) {
    const [bare, workers] = (await measureInTurn(
      options.rounds,
      async () => ({ pssMb: (await measureBareInterpreters(python, count)) / MB / count }),
      () => startMany(python, count),
    )) as [Sample, Sample]
    const of = count === 1 ? '1 idle worker' : `${count} idle workers`
    figures.push(figure(`${of}: memory each (PSS)`, 'MB', workers.pssMb ?? Number.NaN, bare.pssMb, { atMost: 6 }))
    figures.push(figure(`${of}: memory each (own, as the server measures it)`, 'MB', workers.cgroupMb ?? Number.NaN))
    if (count === MANY)
      figures.push(
        figure(`zero → ${MANY} ready`, 's', (workers.readyMs ?? Number.NaN) / 1_000, undefined, { atMost: 6 }),
      )
  }
  return figures
}

async function startMany(python: BenchLanguage, count: number): Promise<Sample> {
  const test = await startRuntime(count)
  const version = await addEcho(test, python)
  const startedAt = performance.now()
  const calls = Array.from({ length: count }, () => {
    const input = { type: 'json' as const, bytes: Buffer.from('1') }
    return test.runtime.invoke({ ...version, callerId: randomUUID() }, input, { timeoutMs: TIMEOUT_MS })
  })
  for (const outcome of await Promise.all(calls)) if (!outcome.ok) throw new Error(outcome.error.message)
  const readyMs = performance.now() - startedAt
  const sandboxes = childrenOf(process.pid).filter(isSandbox)
  const pss = await Promise.all(sandboxes.map((pid) => measureTree(pid)))
  const pssMb = pss.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0) / MB / count
  const cgroupMb = test.runtime.stats().memoryBytes / MB / count
  await test.close()
  return { readyMs, pssMb, cgroupMb }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

function isSandbox(pid: number): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'bwrap'
}
