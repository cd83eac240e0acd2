import { access, chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { MAX_SOURCE_BYTES, MIB } from '../limits'
import { makeStagingFolder } from '../processes/staging'

/** What is wrong with a source tree, for its author. */
export class BadSource extends Error {
  override readonly name = 'BadSource'
}

/**
 * Writes a commit's files where workers look for them: beside, then renamed, so that nobody sees half a tree. A tree
 * that is there already is the same one and stays: workers may be running from it.
 */
export async function writeSourceTree(
  versionsDir: string,
  algorithmId: string,
  commitSha: string,
  files: Map<string, Uint8Array>,
): Promise<{ folder: string; isNew: boolean }> {
  checkFiles(files)
  const folder = path.join(versionsDir, algorithmId, commitSha)
  if (await exists(folder)) return { folder, isNew: false }
  await makeReadable(path.dirname(folder))
  const staging = await makeStagingFolder(versionsDir)
  try {
    await chmod(staging, 0o755)
    for (const [name, bytes] of files) {
      const file = path.join(staging, name)
      await makeReadable(path.dirname(file))
      await writeFile(file, bytes, { mode: 0o644 })
    }
    await rename(staging, folder)
    return { folder, isNew: true }
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    if (await exists(folder)) return { folder, isNew: false } // another build of the same commit was faster
    throw error
  }
}

function exists(folder: string): Promise<boolean> {
  return access(folder).then(
    () => true,
    () => false,
  )
}

function checkFiles(files: Map<string, Uint8Array>): void {
  let total = 0
  for (const [name, bytes] of files) {
    const parts = name.split('/')
    if (name.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..')) {
      throw new BadSource(`The file name ${JSON.stringify(name)} can not be used.`)
    }
    total += bytes.length
  }
  if (total > MAX_SOURCE_BYTES) {
    throw new BadSource(`The source has ${total} bytes; at most ${MAX_SOURCE_BYTES / MIB} MiB are allowed.`)
  }
}

async function makeReadable(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 })
}
