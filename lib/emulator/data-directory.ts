import { accessSync, constants, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ConfigError } from './config'
import { DirectoryInUseError, lockDirectory } from './directory-lock'

const MOVE_IT = 'Move it away, or choose another directory with --data.'

/**
 * Makes the data directory if need be, claims it for this process until it exits, and looks whether all in it can be used.
 * Throws `ConfigError` with the path that is in the way, `DirectoryInUseError` when another broker has it.
 */
export async function claimDirectory(directory: string): Promise<void> {
  try {
    makeDirectory(resolve(directory))
    await lockDirectory(directory)
  } catch (error) {
    if (error instanceof DirectoryInUseError) throw error
    throw new ConfigError(
      `The data directory ${directory} can not be used: ${(error as Error).message}. Make it writable, or choose another with --data.`,
    )
  }
  checkFile(join(directory, 'keys.json'), constants.R_OK)
  checkJournal(join(directory, 'journal'))
}

/** Folder by folder: Node 20 tries for ever when it makes them all in a place like /proc. */
function makeDirectory(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false })
  if (found?.isDirectory()) return
  if (!found && dirname(directory) !== directory) makeDirectory(dirname(directory))
  try {
    mkdirSync(directory)
  } catch (error) {
    // Another broker may have made it in the meantime.
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}

function checkJournal(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isDirectory()) throw new ConfigError(`${folder} is no folder. ${MOVE_IT}`)
  checkAccess(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.log')) checkFile(join(folder, name), constants.R_OK | constants.W_OK)
  }
}

function checkFile(path: string, mode: number): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return
  if (found.isDirectory()) throw new ConfigError(`${path} is a folder where a file belongs. ${MOVE_IT}`)
  checkAccess(path, mode)
}

function checkAccess(path: string, mode: number): void {
  try {
    accessSync(path, mode)
  } catch (error) {
    throw new ConfigError(
      `The broker may not use what is in its data directory: ${(error as Error).message}. ` +
        'Give it to the user that runs the broker, or choose another directory with --data.',
    )
  }
}
