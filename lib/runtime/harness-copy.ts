import { cp } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from '@/lib/logger'
import { runCommand } from './processes/spawn'

const COMPILE_TIMEOUT_MS = 60_000

/**
 * The harness as workers see it: a copy of our own, with Python's compiled form beside each file. Workers may not
 * write, so that without it each of them would compile the harness again.
 */
export class HarnessCopy {
  readonly directory: string
  readonly #logger: Logger
  readonly #compiled = new Map<string, Promise<void>>()

  private constructor(directory: string, logger: Logger) {
    this.directory = directory
    this.#logger = logger
  }

  static async make(source: string, directory: string, logger: Logger): Promise<HarnessCopy> {
    await cp(source, directory, { recursive: true, filter: (file) => path.basename(file) !== '__pycache__' })
    return new HarnessCopy(directory, logger)
  }

  /** Compiles the Python part for an interpreter, once. Nobody need wait for it: workers start without it, only slower. */
  compileFor(interpreterPath: string): Promise<void> {
    const known = this.#compiled.get(interpreterPath)
    if (known) return known
    const compiling = this.#compile(interpreterPath)
    this.#compiled.set(interpreterPath, compiling)
    return compiling
  }

  /** Settles when nothing is written to the copy any more. */
  async close(): Promise<void> {
    await Promise.all(this.#compiled.values())
  }

  async #compile(interpreterPath: string): Promise<void> {
    const options = ['-I', '-m', 'compileall', '-q', '--invalidation-mode', 'unchecked-hash']
    const args = [...options, path.join(this.directory, 'python')]
    const { code, stderr } = await runCommand(
      { command: interpreterPath, args, env: { PATH: '/usr/bin:/bin' }, cwd: '/' },
      COMPILE_TIMEOUT_MS,
    )
    if (code !== 0)
      this.#logger.warn({ interpreterPath, stderr }, 'the harness could not be compiled; starts are slower')
  }
}
