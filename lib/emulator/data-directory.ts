import { mkdirSync } from 'node:fs'
import { ConfigError } from './config'
import { DirectoryInUseError, lockDirectory } from './directory-lock'

/**
 * Makes the data directory if need be, claims it for this process until it exits.
 * Throws `ConfigError`, `DirectoryInUseError` when another broker has it.
 */
export async function claimDirectory(directory: string): Promise<void> {
  try {
    mkdirSync(directory, { recursive: true })
    await lockDirectory(directory)
  } catch (error) {
    if (error instanceof DirectoryInUseError) throw error
    throw new ConfigError(
      `The data directory ${directory} can not be used: ${(error as Error).message}. Make it writable, or choose another with --data.`,
    )
  }
}
