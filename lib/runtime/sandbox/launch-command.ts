import { isRoot, WORKER_GID, WORKER_UID, workerIdentity } from './worker-identity'

/** Where bubblewrap finds the program's own folders when it can not reach them at their own path. */
export const RELOCATED_ROOT = '/mnt'

/** Joins the cgroups named first, then becomes the rest. */
const JOIN_SCRIPT =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'

/**
 * As root, in a mount namespace of its own: shows folders that the workers' user can not reach (a checkout below
 * /root, say) below RELOCATED_ROOT, joins the cgroups, leaves root and becomes the rest.
 */
const RELOCATE_SCRIPT = [
  `mount -t tmpfs -o mode=755 headrace ${RELOCATED_ROOT} || exit 125`,
  `n=$1; shift; i=0; while [ "$i" -lt "$n" ]; do mkdir ${RELOCATED_ROOT}/$i && mount --bind "$1" ${RELOCATED_ROOT}/$i || exit 125; shift; i=$((i+1)); done`,
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done',
  `exec setpriv --reuid ${WORKER_UID} --regid ${WORKER_GID} --clear-groups "$@"`,
].join('\n')

export type LaunchCommand = { command: string; args: string[]; uid?: number; gid?: number }

/** The command that starts `argv` as the workers' user in its cgroups; the process keeps its id all the way. */
export function launchCommand(argv: string[], processFiles: string[], relocated: string[]): LaunchCommand {
  const cgroups = [String(processFiles.length), ...processFiles]
  if (relocated.length > 0 && isRoot()) {
    const folders = [String(relocated.length), ...relocated]
    const script = ['/bin/sh', '-c', RELOCATE_SCRIPT, 'sh', ...folders, ...cgroups, ...argv]
    return { command: 'unshare', args: ['--mount', '--propagation', 'private', ...script] }
  }
  if (processFiles.length > 0) {
    return { command: '/bin/sh', args: ['-c', JOIN_SCRIPT, 'sh', ...cgroups, ...argv], ...workerIdentity() }
  }
  const [command = '', ...args] = argv
  return { command, args, ...workerIdentity() }
}

/** The path of a host file as it is seen after `relocated` folders were shown elsewhere. */
export function relocatedPath(host: string, relocated: string[]): string {
  const index = relocated.findIndex((folder) => host === folder || host.startsWith(`${folder}/`))
  return index < 0 ? host : `${RELOCATED_ROOT}/${index}${host.slice((relocated[index] as string).length)}`
}
