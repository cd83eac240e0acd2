import { access, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { makeStagingFolder } from '../processes/staging'
import { giveToWorker } from '../sandbox/worker-identity'
import { BuildFailed, type StepContext } from './build-failure'

/** Dependency environments by key: each is made once, beside, and then renamed into place. */
export class EnvironmentStore {
  readonly #folder: string
  /** The last build of each key; each waits for the one before it. */
  readonly #underway = new Map<string, Promise<void>>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Finds the environment, or calls `make` with the folder to fill; builds of the same key follow one another. */
  async ensure(key: string, context: StepContext, make: (staging: string) => Promise<void>): Promise<void> {
    const before = this.#underway.get(key)
    if (before) context.onLine('Another build installs the same packages; waiting for it.')
    const mine = this.#ensureAfter(before, key, context, make)
    this.#underway.set(key, mine)
    try {
      await mine
    } finally {
      if (this.#underway.get(key) === mine) this.#underway.delete(key)
    }
  }

  async #ensureAfter(
    before: Promise<void> | undefined,
    key: string,
    context: StepContext,
    make: (staging: string) => Promise<void>,
  ): Promise<void> {
    await before?.catch(() => undefined)
    if (context.signal?.aborted) throw new BuildFailed('The build was cancelled.')
    const isThere = await access(path.join(this.#folder, key)).then(
      () => true,
      () => false,
    )
    if (isThere) context.onLine('The packages are installed already.')
    else await this.#make(key, make)
  }

  async #make(key: string, make: (staging: string) => Promise<void>): Promise<void> {
    const staging = await makeStagingFolder(this.#folder)
    try {
      await giveToWorker(staging)
      await make(staging)
      await rename(staging, path.join(this.#folder, key))
    } catch (error) {
      await rm(staging, { recursive: true, force: true })
      throw error
    }
  }
}
