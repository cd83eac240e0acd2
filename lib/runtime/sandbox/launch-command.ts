import type { Relocation } from './relocation'
import { BUILD_UID, sandboxIdentity } from './worker-identity'

/** Joins the cgroups named first, then becomes the rest. */
const JOIN_SCRIPT =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'

type LaunchParts = {
  processFiles: string[]
  relocation: Pick<Relocation, 'namespacePath'>
  uid?: number | undefined
}

export type LaunchCommand = { command: string; args: string[]; uid?: number; gid?: number }

/** The command that starts `argv` as a user of sandboxes in its cgroups; the process keeps its id all the way. */
export function launchCommand(
  argv: string[],
  { processFiles, relocation, uid = BUILD_UID }: LaunchParts,
): LaunchCommand {
  const cgroups = [String(processFiles.length), ...processFiles]
  const joined = processFiles.length > 0 ? ['/bin/sh', '-c', JOIN_SCRIPT, 'sh', ...cgroups, ...argv] : argv
  if (relocation.namespacePath) {
    // Entered as root, and left root at once, with all its groups.
    const entry = [`--mount=${relocation.namespacePath}`, `--setuid=${uid}`, `--setgid=${uid}`]
    return { command: 'nsenter', args: [...entry, ...joined] }
  }
  const [command = '', ...args] = joined
  return { command, args, ...sandboxIdentity(uid) }
}
