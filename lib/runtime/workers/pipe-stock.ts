import { constants, openSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from '../processes/spawn'
import { giveToSandbox } from '../sandbox/worker-identity'

const MKFIFO_TIMEOUT_MS = 5_000
/** Node can not make a pipe with a name, and a program for each would cost more than the rest of a start. */
const PIPES_AT_ONCE = 32

/** Makes named pipes, a stock at a time. */
export class PipeStock {
  readonly #folder: string
  readonly #ready: string[] = []
  #refill: Promise<void> | undefined
  #made = 0

  /** @param folder on the file system that the pipes go to */
  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Puts a pipe at `target` for the kernel user `uid` and opens it, before its worker starts: a path that an algorithm
   * could replace is never opened later. Read and write, so that it never ends while the worker has it closed.
   * @returns its descriptor, which never blocks
   */
  async take(target: string, uid: number): Promise<number> {
    while (this.#ready.length === 0) {
      this.#refill ??= this.#make().finally(() => {
        this.#refill = undefined
      })
      await this.#refill
    }
    await rename(this.#ready.pop() as string, target)
    await giveToSandbox(target, uid)
    return openSync(target, constants.O_RDWR | constants.O_NONBLOCK)
  }

  async #make(): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const pipes = Array.from({ length: PIPES_AT_ONCE }, () => path.join(this.#folder, `p${this.#made++}`))
    const command = { command: 'mkfifo', args: ['-m', '600', ...pipes], env: { PATH: '/usr/bin:/bin' } }
    const made = await runCommand(command, MKFIFO_TIMEOUT_MS)
    if (made.code !== 0) throw new Error(`mkfifo failed: ${made.failure ?? made.stderr.trim()}`)
    this.#ready.push(...pipes)
  }
}
