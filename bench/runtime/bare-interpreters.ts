import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { measureTree } from '@/lib/runtime/sandbox/process-memory'
import type { BenchLanguage } from './subjects'

/** Waits for the end of its input with nothing but the interpreter loaded. */
const IDLE = 'import sys; print(flush=True); sys.stdin.read()'

/** PSS of `count` idle interpreters of Python together, in bytes. */
export async function measureBareInterpreters({ interpreterPath }: BenchLanguage, count: number): Promise<number> {
  const children = Array.from({ length: count }, () =>
    spawn(interpreterPath, ['-c', IDLE], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  await Promise.all(children.map(({ stdout }) => once(stdout as Readable, 'data')))
  const pss = await Promise.all(children.map(({ pid }) => measureTree(pid as number)))
  await Promise.all(children.map(end))
  return pss.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.stdin?.end()
  await exited
}
