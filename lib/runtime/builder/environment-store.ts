import { access, lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { InstalledPackages } from '../port'
import { runCommand } from '../processes/spawn'
import { makeStagingFolder } from '../processes/staging'
import { giveToSandbox, isRoot } from '../sandbox/worker-identity'
import { type StepContext, whyStopped } from './build-failure'

/** What an environment holds, kept in its own folder. */
const CONTENTS_FILE = '.headrace.json'

/** Packages that were installed, before their size is known. */
export type Installed = Omit<InstalledPackages, 'sizeBytes'>
/** An environment that is in its place; `packages` is absent where it was made before they were written down. */
export type EnsuredEnvironment = { key: string; packages?: InstalledPackages }

/** Dependency environments by key: each is made once, beside, and then renamed into place. */
export class EnvironmentStore {
  readonly #folder: string
  /** The last build of each key; each waits for the one before it. */
  readonly #underway = new Map<string, Promise<unknown>>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Finds the environment, or calls `make` with the folder to fill; builds of the same key follow one another. */
  async ensure(
    key: string,
    context: StepContext,
    make: (staging: string) => Promise<Installed>,
  ): Promise<EnsuredEnvironment> {
    await context.noteEnvironment?.(key)
    const before = this.#underway.get(key)
    if (before) context.onLine('Another build installs the same packages; waiting for it.')
    const mine = this.#ensureAfter(before, key, context, make)
    // One that gives up while it waits must not let the next one begin beside the one before.
    const turn = Promise.allSettled([before, mine])
    this.#underway.set(key, turn)
    void turn.then(() => this.#underway.get(key) === turn && this.#underway.delete(key))
    return { key, packages: await mine }
  }

  async #ensureAfter(
    before: Promise<unknown> | undefined,
    key: string,
    context: StepContext,
    make: (staging: string) => Promise<Installed>,
  ): Promise<InstalledPackages | undefined> {
    await untilStopped(before, context.signal)
    const stopped = whyStopped(context.signal)
    if (stopped) throw stopped
    if (!(await this.#isThere(key))) return this.#make(key, make)
    context.onLine('The packages are installed already.')
    return this.#readContents(key)
  }

  async #make(key: string, make: (staging: string) => Promise<Installed>): Promise<InstalledPackages | undefined> {
    const staging = await makeStagingFolder(this.#folder)
    try {
      await giveToSandbox(staging)
      const packages = { ...(await make(staging)), sizeBytes: await sizeOf(staging) }
      await writeContents(staging, packages)
      await openToWorkers(staging)
      await rename(staging, path.join(this.#folder, key))
      return packages
    } catch (error) {
      await rm(staging, { recursive: true, force: true })
      // Another process was faster with the same packages.
      if (isInTheWay(error) && (await this.#isThere(key))) return this.#readContents(key)
      throw error
    }
  }

  #isThere(key: string): Promise<boolean> {
    return access(path.join(this.#folder, key)).then(
      () => true,
      () => false,
    )
  }

  async #readContents(key: string): Promise<InstalledPackages | undefined> {
    try {
      return JSON.parse(await readFile(path.join(this.#folder, key, CONTENTS_FILE), 'utf8')) as InstalledPackages
    } catch {
      return undefined
    }
  }
}

const OPEN_TIMEOUT_MS = 60_000
const READ_AND_ENTER = 0o005

/** Workers read what builds installed, and run as other users. No link is followed. */
async function openToWorkers(environment: string): Promise<void> {
  if (!isRoot()) return
  const command = { command: 'chmod', args: ['-R', 'a+rX', environment], env: { PATH: '/usr/bin:/bin' } }
  const { code, failure, stderr } = await runCommand(command, OPEN_TIMEOUT_MS)
  if (code !== 0) throw new Error(`chmod failed: ${failure ?? stderr.trim()}`)
}

/** The same for environments of a time when workers ran as the builds' user. */
export async function openOlderEnvironments(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const environment = path.join(folder, name)
    const { mode } = await lstat(environment)
    if ((mode & READ_AND_ENTER) !== READ_AND_ENTER) await openToWorkers(environment)
  }
}

/** Waits for what another build does, no longer than until this one is to stop. */
async function untilStopped(work: Promise<unknown> | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (!work || signal?.aborted) return
  let onAbort = () => {}
  const stopped = new Promise<void>((resolve) => {
    onAbort = resolve
  })
  signal?.addEventListener('abort', onAbort)
  await Promise.race([work, stopped])
  signal?.removeEventListener('abort', onAbort)
}

/** What packages brought may lie in the way, a link to somewhere else too: it goes first, and none is followed. */
async function writeContents(folder: string, packages: InstalledPackages): Promise<void> {
  const file = path.join(folder, CONTENTS_FILE)
  await rm(file, { recursive: true, force: true })
  await writeFile(file, JSON.stringify(packages), { flag: 'wx', mode: 0o644 })
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await lstat(path.join(entry.parentPath, entry.name))).size
  }
  return bytes
}

function isInTheWay(error: unknown): boolean {
  return ['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')
}
