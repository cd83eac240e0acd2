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
