import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { ROOT } from '../root'
import type { BenchLanguage } from './subjects'

const LINE_FEED = 0x0a

/** One process of the bare loop; `call` resolves with the bytes of its answer. */
export type BarePipe = { call(line: Buffer): Promise<number>; close(): Promise<void> }

export function startBarePipe({ language, interpreterPath }: BenchLanguage): BarePipe {
  const script = join(ROOT, 'bench/runtime', language === 'python' ? 'echo.py' : 'echo.mjs')
  const child = spawn(interpreterPath, [script], { stdio: ['pipe', 'ignore', 'inherit', 'pipe'] })
  let waiting: ((bytes: number) => void) | undefined
  let received = 0
  const answers = child.stdio[3] as Readable
  answers.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (chunk[chunk.length - 1] !== LINE_FEED) return
    const bytes = received
    received = 0
    waiting?.(bytes)
  })
  return {
    call: (line) =>
      new Promise((resolve) => {
        waiting = resolve
        ;(child.stdin as Writable).write(line)
      }),
    close: () => endOf(child),
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.stdin?.end()
  })
}
