import { describe, expect, it } from 'vitest'
import { explainFailure, type Sysctls } from './explain-failure'

const NO_SPACE =
  'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)'
const NO_PERMISSIONS =
  "bwrap: No permissions to create a new namespace, likely because the kernel does not allow non-privileged user namespaces. On e.g. debian this can be enabled with 'sysctl kernel.unprivileged_userns_clone=1'."
const NO_SUPPORT =
  'bwrap: Creating new namespace failed, likely because the kernel does not support user namespaces.  bwrap must be installed setuid on such systems.'
const UID_MAP = 'bwrap: setting up uid map: Permission denied'
const LOOPBACK = 'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted'
const PROC = "bwrap: Can't mount proc on /newroot/proc: Operation not permitted"
const SECCOMP =
  'bwrap: Unable to set up system call filtering as requested: prctl(PR_SET_SECCOMP) reported EINVAL. (Hint: this requires a kernel configured with CONFIG_SECCOMP and CONFIG_SECCOMP_FILTER.)'

const OPEN: Sysctls = { 'user.max_user_namespaces': '96365', 'user.max_net_namespaces': '96365' }
const APPARMOR: Sysctls = { ...OPEN, 'kernel.apparmor_restrict_unprivileged_userns': '1' }

const CASES: [said: string, sysctls: Sysctls, why: string | undefined, fix: string][] = [
  [NO_SPACE, OPEN, 'allows no more namespaces', 'sysctl -w user.max_user_namespaces=15000 '],
  [NO_SPACE, APPARMOR, 'allows no more namespaces', 'sysctl -w user.max_user_namespaces=15000 '],
  [NO_SPACE, { ...OPEN, 'user.max_net_namespaces': '0' }, 'no more', 'sysctl -w user.max_net_namespaces=15000 '],
  [NO_PERMISSIONS, OPEN, 'namespaces are forbidden', 'seccomp=unconfined'],
  [NO_PERMISSIONS, APPARMOR, 'AppArmor', 'kernel.apparmor_restrict_unprivileged_userns to 0'],
  [NO_PERMISSIONS, { 'kernel.unprivileged_userns_clone': '0' }, 'to root only', 'unprivileged_userns_clone to 1'],
  [NO_PERMISSIONS, { 'user.max_user_namespaces': '0' }, 'no more', 'sysctl -w user.max_user_namespaces=15000 '],
  [UID_MAP, APPARMOR, 'AppArmor', 'AppArmor profile'],
  [LOOPBACK, APPARMOR, 'AppArmor', 'AppArmor profile'],
  [NO_SUPPORT, OPEN, 'has no user namespaces', 'CONFIG_USER_NS'],
  [SECCOMP, OPEN, 'can not filter system calls', 'CONFIG_SECCOMP_FILTER'],
  [PROC, OPEN, '/proc', 'systempaths=unconfined'],
  ['bwrap: Unknown option --disable-userns', APPARMOR, 'too old', 'bubblewrap 0.8'],
  ['it ended with 125', OPEN, undefined, 'In a container'],
]

describe('what bubblewrap says when it makes no sandbox', () => {
  it.each(CASES)('%s (%o)', (said, sysctls, why, fix) => {
    const explained = explainFailure(said, sysctls)
    expect(explained.why).toEqual(why && expect.stringContaining(why))
    expect(explained.fix).toContain(fix)
    expect(explained.fix).toMatch(/, then restart Headrace\.$/)
  })
})
