import { readFile } from 'node:fs/promises'

/** Values of sysctls by their names with dots; those that the system does not have are left out. */
export type Sysctls = Record<string, string>
/** `why` is absent where what was said does not tell. */
export type Explanation = { why?: string; fix: string }

const RESTRICTED_BY_APPARMOR = 'kernel.apparmor_restrict_unprivileged_userns'
const UNPRIVILEGED_CLONE = 'kernel.unprivileged_userns_clone'
const USER_NAMESPACES = 'user.max_user_namespaces'
const OTHER_NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'uts'].map((kind) => `user.max_${kind}_namespaces`)
const ENOUGH_NAMESPACES = 15_000

/** Why bubblewrap made no sandbox, by what it wrote, and what to do about it. */
export function explainFailure(said: string, sysctls: Sysctls): Explanation {
  return EXPLANATIONS.find(({ pattern }) => pattern.test(said))?.explain(sysctls) ?? { fix: OPEN_CONTAINER }
}

/** The sysctls that `explainFailure` looks at, as they are now. */
export async function readSysctls(): Promise<Sysctls> {
  const names = [RESTRICTED_BY_APPARMOR, UNPRIVILEGED_CLONE, USER_NAMESPACES, ...OTHER_NAMESPACES]
  const read = names.map(async (name) => {
    const text = await readFile(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').catch(() => undefined)
    return text === undefined ? [] : [[name, text.trim()] as const]
  })
  return Object.fromEntries((await Promise.all(read)).flat())
}

const OPEN_CONTAINER =
  'In a container, allow user namespaces and mount in its seccomp and AppArmor profiles (Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined), then restart Headrace.'

/** In the order in which they are tried. */
const EXPLANATIONS: { pattern: RegExp; explain: (sysctls: Sysctls) => Explanation }[] = [
  {
    pattern: /unknown option/i,
    explain: () => ({
      why: 'it is too old',
      fix: 'Install bubblewrap 0.8 or newer, then restart Headrace.',
    }),
  },
  { pattern: /ENOSPC|max_\*_namespaces|No space left/, explain: tooFewNamespaces },
  {
    pattern: /does not support user namespaces/,
    explain: () => ({
      why: 'the kernel has no user namespaces',
      fix: 'Boot a kernel that was built with CONFIG_USER_NS, then restart Headrace.',
    }),
  },
  {
    pattern: /CONFIG_SECCOMP/,
    explain: () => ({
      why: 'the kernel can not filter system calls',
      fix: 'Boot a kernel that was built with CONFIG_SECCOMP_FILTER, then restart Headrace.',
    }),
  },
  {
    pattern: /mount proc/,
    explain: () => ({
      why: 'a /proc of its own can not be mounted, as in a container that hides parts of /proc',
      fix: 'Let the container see all of /proc (Docker: --security-opt systempaths=unconfined), then restart Headrace.',
    }),
  },
  { pattern: /no permissions|not permitted|permission denied/i, explain: notPermitted },
]

function tooFewNamespaces(sysctls: Sysctls): Explanation {
  const used = [USER_NAMESPACES, ...OTHER_NAMESPACES]
  const exhausted = used.filter((name) => sysctls[name] === '0')
  const settings = (exhausted.length > 0 ? exhausted : [USER_NAMESPACES]).map((name) => `${name}=${ENOUGH_NAMESPACES}`)
  return {
    why: 'the kernel allows no more namespaces',
    fix: `Raise the limit as root with sysctl -w ${settings.join(' ')} (of a container: on its host), keep it in /etc/sysctl.d, then restart Headrace.`,
  }
}

/** It was refused, and the error alone does not say by what: the kernel's settings do. */
function notPermitted(sysctls: Sysctls): Explanation {
  if (sysctls[RESTRICTED_BY_APPARMOR] === '1') {
    return {
      why: 'AppArmor forbids user namespaces',
      fix: `Allow them for bwrap with an AppArmor profile, or set the sysctl ${RESTRICTED_BY_APPARMOR} to 0, then restart Headrace.`,
    }
  }
  if (sysctls[UNPRIVILEGED_CLONE] === '0') {
    return {
      why: 'the kernel allows user namespaces to root only',
      fix: `Set the sysctl ${UNPRIVILEGED_CLONE} to 1, then restart Headrace.`,
    }
  }
  if (sysctls[USER_NAMESPACES] === '0') return tooFewNamespaces(sysctls)
  return { why: 'new namespaces are forbidden', fix: OPEN_CONTAINER }
}
