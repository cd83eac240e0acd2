import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { processTree } from '../sandbox/process-memory'
import { releaseWorkerUser, takeWorkerUser } from '../sandbox/worker-identity'
import { PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

let test: TestRuntime

afterEach(() => test?.close())

it('each worker has a kernel user of its own, which is not root', async () => {
  test = await startTestRuntime()
  const before = processTree(process.pid)
  for (let count = 0; count < 3; count++) test.runtime.keepWarm(await test.addVersion('def apply(i): return i\n'))
  // Of each worker: bubblewrap outside, bubblewrap inside, the interpreter. Before that it may be root's launch.
  const users = () =>
    processTree(process.pid)
      .filter((pid) => !before.includes(pid))
      .map(usersOf)
  const settled = () => {
    const all = users()
    return { processes: all.length, users: new Set(all.flat()).size, isRoot: all.flat().includes(0) }
  }
  const own = process.getuid?.() === 0 ? 3 : 1
  await expect.poll(settled, PATIENCE).toEqual({ processes: 9, users: own, isRoot: false })
})

it('users are given to one worker at a time', () => {
  const taken = Array.from({ length: 998 }, takeWorkerUser)
  expect(new Set(taken).size).toBe(998)
  expect(takeWorkerUser).toThrow('more workers than users')
  releaseWorkerUser(taken[5] as number)
  expect(takeWorkerUser()).toBe(taken[5])
  for (const uid of taken) releaseWorkerUser(uid)
})

/** Real, effective, saved and file-system user. */
function usersOf(pid: number): number[] {
  const line = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
  return line.split('\t').map(Number)
}
