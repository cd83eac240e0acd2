import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PATIENCE, startTestRuntime } from '../testing/test-runtime'

const ECHO = 'from adk import ADK\nADK(lambda x: x).init()\n'
const ROUNDS = 6
const TIMEOUT_MS = 90_000

it.each(['strict', 'standard'] as const)(
  'a sandbox whose outer process is killed while it starts leaves nothing behind: %s',
  async (highestLevel) => {
    const test = await startTestRuntime({ highestLevel })
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const letGo = test.runtime.keepWarm(await test.addVersion(ECHO))
        const { outer, inner } = await findStarting()
        letGo()
        process.kill(outer, 'SIGKILL')
        await expect.poll(() => test.runtime.stats().workers, PATIENCE).toBe(0)
        // At most its entry is left, for whoever inherited it to take notice of.
        await expect.poll(() => readProc(`${inner}/stat`), PATIENCE).toMatch(/^$|\) Z /)
      }
    } finally {
      await test.close()
    }
  },
  TIMEOUT_MS,
)

/** The outer and the inner process of a sandbox that is being set up, as soon as both are there. */
async function findStarting(): Promise<{ outer: number; inner: number }> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve))
    const outer = childrenOf(process.pid).find((pid) => readProc(`${pid}/comm`).trim() === 'bwrap')
    // Without a turn of the loop: the inner process needs but a few milliseconds.
    for (let tries = 0; outer && tries < 20_000; tries++) {
      const [inner] = childrenOf(outer)
      if (inner) return { outer, inner }
    }
  }
}

function childrenOf(pid: number): number[] {
  return readProc(`${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number)
}

function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8')
  } catch {
    return '' // it has just ended
  }
}
