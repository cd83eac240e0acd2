import { existsSync } from 'node:fs'
import { BUILD_UID, sandboxIdentity } from './worker-identity'

/** Folders of the program that the workers' user can not reach, and the folder below which they are shown instead. */
export type Relocation = { root: string; folders: string[] }

export const NO_RELOCATION: Relocation = { root: '/', folders: [] }

/** Folders that every system has and that sandboxes do not need; what is in them is hidden from the launch. */
const RELOCATION_ROOTS = ['/mnt', '/media', '/srv']

/** Joins the cgroups named first, then becomes the rest. */
const JOIN_SCRIPT =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'

/**
 * As root, in a mount namespace of its own: shows folders that the workers' user can not reach (a checkout below
 * /root, say) below the root of the relocation, joins the cgroups, leaves root and becomes the rest.
 */
const RELOCATE_SCRIPT = [
  'root=$1; shift; mount -t tmpfs -o mode=755 headrace "$root" || exit 125',
  'n=$1; shift; i=0; while [ "$i" -lt "$n" ]; do mkdir "$root/$i" && mount --bind "$1" "$root/$i" || exit 125; shift; i=$((i+1)); done',
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done',
  'uid=$1; shift; exec setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"',
].join('\n')

type LaunchParts = { processFiles: string[]; relocation: Relocation; uid?: number | undefined }

export type LaunchCommand = { command: string; args: string[]; uid?: number; gid?: number }

/** The command that starts `argv` as a user of sandboxes in its cgroups; the process keeps its id all the way. */
export function launchCommand(
  argv: string[],
  { processFiles, relocation, uid = BUILD_UID }: LaunchParts,
): LaunchCommand {
  const cgroups = [String(processFiles.length), ...processFiles]
  if (relocation.folders.length > 0) {
    const folders = [relocation.root, String(relocation.folders.length), ...relocation.folders]
    const script = ['/bin/sh', '-c', RELOCATE_SCRIPT, 'sh', ...folders, ...cgroups, String(uid), ...argv]
    return { command: 'unshare', args: ['--mount', '--propagation', 'private', ...script] }
  }
  if (processFiles.length > 0) {
    return { command: '/bin/sh', args: ['-c', JOIN_SCRIPT, 'sh', ...cgroups, ...argv], ...sandboxIdentity(uid) }
  }
  const [command = '', ...args] = argv
  return { command, args, ...sandboxIdentity(uid) }
}

/** Where to show folders that the workers' user can not reach; only root can. */
export function planRelocation(folders: string[]): Relocation {
  if (folders.length === 0) return NO_RELOCATION
  const root = RELOCATION_ROOTS.find(
    (candidate) => existsSync(candidate) && !folders.some((folder) => folder.startsWith(`${candidate}/`)),
  )
  return root ? { root, folders } : NO_RELOCATION
}

/** The path of a host file as it is seen after the relocation. */
export function relocatedPath(host: string, { root, folders }: Relocation): string {
  const index = folders.findIndex((folder) => host === folder || host.startsWith(`${folder}/`))
  return index < 0 ? host : `${root}/${index}${host.slice((folders[index] as string).length)}`
}
