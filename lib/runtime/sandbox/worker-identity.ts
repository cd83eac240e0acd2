import { chown, mkdtemp } from 'node:fs/promises'

/**
 * Kernel users of sandboxes when the server is root. A sandbox that root starts maps its user to the real root: it
 * could write /proc/sys/kernel/core_pattern, and no limit on processes would hold. No accounts need to exist. The group
 * has the user's number.
 *
 * Builds have the first one; what they install belongs to it and is read-only to workers.
 */
export const BUILD_UID = 64_001
/** Each worker has one of its own: the kernel counts some things by user, and no worker shall use up another's. */
const FIRST_WORKER_UID = 64_002
const LAST_WORKER_UID = 64_999

const taken = new Set<number>()
let lastTaken = LAST_WORKER_UID

/** A kernel user that no other worker of this server has; give it back with `releaseWorkerUser`. */
export function takeWorkerUser(): number {
  for (let tries = FIRST_WORKER_UID; tries <= LAST_WORKER_UID; tries++) {
    lastTaken = lastTaken === LAST_WORKER_UID ? FIRST_WORKER_UID : lastTaken + 1
    if (taken.has(lastTaken)) continue
    taken.add(lastTaken)
    return lastTaken
  }
  throw new Error('there are more workers than users for them')
}

export function releaseWorkerUser(uid: number): void {
  taken.delete(uid)
}

/** What `spawn` takes to leave root; nothing when the server is not root. */
export function sandboxIdentity(uid = BUILD_UID): { uid?: number; gid?: number } {
  return isRoot() ? { uid, gid: uid } : {}
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Makes a new folder that only its sandbox's kernel user may enter. */
export async function makePrivateFolder(prefix: string, uid?: number): Promise<string> {
  const folder = await mkdtemp(prefix)
  await giveToSandbox(folder, uid)
  return folder
}

export async function giveToSandbox(file: string, uid = BUILD_UID): Promise<void> {
  if (isRoot()) await chown(file, uid, uid)
}
