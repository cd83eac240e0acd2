import { mkdtemp, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { isAlive } from './is-alive'

const PREFIX = '.staging-'

/** A new folder beside what it is to become; named after this process, so that a later one can tell it is left over. */
export function makeStagingFolder(parent: string): Promise<string> {
  return mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`))
}

/** Removes what processes that are gone left half done. */
export async function removeStaleStaging(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = new RegExp(`^\\${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) await rm(path.join(parent, name), { recursive: true, force: true })
  }
}
