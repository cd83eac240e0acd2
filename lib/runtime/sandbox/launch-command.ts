import type { Relocation } from './relocation'
import { BUILD_UID, isRoot, sandboxIdentity } from './worker-identity'

/** Joins the cgroups named first, then becomes the rest. */
const JOIN_SCRIPT =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'

type LaunchParts = {
  processFiles: string[]
  relocation: Pick<Relocation, 'namespacePath'>
  uid?: number | undefined
}

export type LaunchCommand = { command: string; args: string[]; uid?: number; gid?: number }

/**
 * The command that starts `argv` as a user of sandboxes in its cgroups; the process keeps its id all the way. A server that
 * is root joins as root: version 2 of cgroups lets nobody else move a process out of the server's cgroup
 * (Documentation/admin-guide/cgroup-v2.rst, "Delegation Containment").
 */
export function launchCommand(
  argv: string[],
  { processFiles, relocation, uid = BUILD_UID }: LaunchParts,
): LaunchCommand {
  const joins = processFiles.length > 0
  const entry = relocation.namespacePath ? [`--mount=${relocation.namespacePath}`] : []
  // Root is left with all its groups.
  const leave =
    isRoot() && (joins || entry.length > 0) ? ['nsenter', ...entry, `--setuid=${uid}`, `--setgid=${uid}`] : []
  const join = joins ? ['/bin/sh', '-c', JOIN_SCRIPT, 'sh', String(processFiles.length), ...processFiles] : []
  const [command = '', ...args] = [...join, ...leave, ...argv]
  return { command, args, ...(leave.length > 0 ? {} : sandboxIdentity(uid)) }
}
