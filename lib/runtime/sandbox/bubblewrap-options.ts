import { MEMORY_HEADROOM_BYTES, type SandboxLimits } from '../limits'
import type { Mount, SandboxSpec } from './sandbox'
import { interpreterMounts, systemMountOptions } from './system-mounts'

/** The user and group that a sandboxed process sees itself as. */
const INSIDE_UID = '65534'

/**
 * The options that make the sandbox, in the order that bubblewrap applies them.
 * @param hostsFile shown as /etc/hosts
 * @param locate the path of a host file as bubblewrap can reach it
 */
export function bubblewrapOptions(
  spec: SandboxSpec,
  paths: { harnessDir: string; hostsFile: string; locate: (host: string) => string },
): string[] {
  const mount = (option: string) => (one: Mount) => [option, paths.locate(one.host), one.inside]
  return [
    ...ISOLATION,
    '--clearenv',
    ...Object.entries(spec.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...systemMountOptions(paths.locate(paths.harnessDir)),
    ...['--ro-bind', paths.locate(paths.hostsFile), '/etc/hosts'],
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', String(spec.limits.sharedMemoryBytes), '--tmpfs', '/dev/shm'],
    ...['--size', String(spec.limits.tmpBytes), '--tmpfs', '/tmp'],
    ...interpreterMounts(spec.interpreterPath).flatMap(mount('--ro-bind')),
    ...spec.readOnly.flatMap(mount('--ro-bind')),
    ...spec.writable.flatMap(mount('--bind')),
    ...['--chdir', spec.workingDirectory],
    // Last, or the root and /dev would be memory without a bound.
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
  ]
}

const ISOLATION = [
  ...['--unshare-all', '--unshare-user', '--disable-userns', '--die-with-parent', '--new-session'],
  ...['--cap-drop', 'ALL', '--uid', INSIDE_UID, '--gid', INSIDE_UID, '--hostname', 'algorithm'],
]

/** The command that sets the resource limits inside, where they count for this sandbox alone. */
export function limitedCommand(argv: string[], limits: SandboxLimits): string[] {
  return [
    'prlimit',
    `--nproc=${limits.processes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileBytes}`,
    '--core=0',
    `--data=${limits.memoryBytes - MEMORY_HEADROOM_BYTES}`,
    ...(limits.cpuSeconds ? [`--cpu=${limits.cpuSeconds}`] : []),
    ...argv,
  ]
}
