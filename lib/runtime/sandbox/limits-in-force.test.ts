import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { MEMORY_HEADROOM_BYTES, WORKER_LIMITS } from '../limits'
import { callJson, startTestRuntime, type TestRuntime } from '../testing/test-runtime'
import { processTree } from './process-memory'

const LIMITS = { ...WORKER_LIMITS, processes: 33, openFiles: 77, cpuShares: 128 }

let test: TestRuntime

afterEach(() => test?.close())

it('a worker’s limits are what the kernel has noted for its process', async () => {
  const python = await startWorker()
  const limits = readFileSync(`/proc/${python}/limits`, 'utf8')
  const hard = (name: string) => Number(new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(limits)?.[1])
  expect({
    processes: hard('Max processes'),
    openFiles: hard('Max open files'),
    fileBytes: hard('Max file size'),
    dataBytes: hard('Max data size'),
    coreBytes: hard('Max core file size'),
  }).toEqual({
    processes: LIMITS.processes,
    openFiles: LIMITS.openFiles,
    fileBytes: LIMITS.fileBytes,
    dataBytes: LIMITS.memoryBytes - MEMORY_HEADROOM_BYTES,
    coreBytes: 0,
  })
})

it('and for its group of processes, where there is one', async () => {
  const python = await startWorker()
  const group = cgroupReader(python)
  if (test.sandbox.level !== 'strict') {
    expect(test.sandbox.reasons.join(' ')).toContain('Memory is watched by the server instead')
    return
  }
  expect(group('memory', 'memory.limit_in_bytes', 'memory.max')).toBe(LIMITS.memoryBytes)
  expect(group('pids', 'pids.max', 'pids.max')).toBe(LIMITS.processes)
  // Weights of version 2 run around 100 where shares run around 1024.
  expect([LIMITS.cpuShares, Math.round((LIMITS.cpuShares * 100) / 1024)]).toContain(
    group('cpu', 'cpu.shares', 'cpu.weight'),
  )
})

/** The interpreter of a worker that has answered a call. */
async function startWorker(): Promise<number> {
  test = await startTestRuntime()
  const before = processTree(process.pid)
  await callJson(test, await test.addVersion('def apply(i): return i\n', { limits: LIMITS }), 1)
  const own = processTree(process.pid).filter((pid) => !before.includes(pid))
  return own.at(-1) as number
}

/** Reads a number of the process's own group, by its file's name in version 1 or 2. */
function cgroupReader(pid: number) {
  const own = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  return (controller: string, nameV1: string, nameV2: string): number => {
    const first = own.find((line) => line.split(':')[1]?.split(',').includes(controller))
    const line = first ?? own.find((one) => one.startsWith('0::'))
    const mount = mounts.find(([, , type, options = '']) =>
      first ? type === 'cgroup' && options.split(',').includes(controller) : type === 'cgroup2',
    )
    const folder = path.join(mount?.[1] ?? '', (line ?? '').split(':').slice(2).join(':'))
    return Number(readFileSync(path.join(folder, first ? nameV1 : nameV2), 'utf8'))
  }
}
