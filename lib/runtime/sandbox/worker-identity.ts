import { chown, mkdtemp } from 'node:fs/promises'

/**
 * The kernel user of sandboxes when the server is root. A sandbox that root starts maps its user to the real root:
 * it could write /proc/sys/kernel/core_pattern, and no limit on processes would hold. No account needs to exist.
 */
export const WORKER_UID = 64_001
export const WORKER_GID = 64_001

/** What `spawn` takes to leave root; nothing when the server is not root. */
export function workerIdentity(): { uid?: number; gid?: number } {
  return isRoot() ? { uid: WORKER_UID, gid: WORKER_GID } : {}
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Makes a new folder that only its sandbox's kernel user may enter. */
export async function makePrivateFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(prefix)
  await giveToWorker(folder)
  return folder
}

export async function giveToWorker(file: string): Promise<void> {
  if (isRoot()) await chown(file, WORKER_UID, WORKER_GID)
}
