/**
 * System calls by number for each processor. Sources: Linux `arch/x86/entry/syscalls/syscall_64.tbl` and
 * `include/uapi/asm-generic/unistd.h` (arm64).
 */
export type SyscallTable = {
  /** AUDIT_ARCH_* of <linux/audit.h>. */
  auditArch: number
  socket: number
  clone: number
  clone3: number
  ioctl: number
  /** Refused with EPERM. */
  denied: Record<string, number>
  /** Refused too where no cgroup counts their memory: it belongs to no process. */
  hiddenMemory: Record<string, number>
}

/** Of the calls that these tables were checked against (Linux 6.10, mseal): what comes later is not known here. */
export const NEWEST_CALL = 462

/** The same on every processor since Linux 5.1. */
const DENIED_EVERYWHERE = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  pidfd_getfd: 438,
  process_madvise: 440,
  mount_setattr: 442,
  quotactl_fd: 443,
}

const X64: SyscallTable = {
  auditArch: 0xc000003e,
  socket: 41,
  clone: 56,
  clone3: 435,
  ioctl: 16,
  denied: {
    ...DENIED_EVERYWHERE,
    io_setup: 206, // fs.aio-max-nr is one number for the whole machine
    ptrace: 101,
    syslog: 103,
    personality: 135,
    uselib: 134,
    vhangup: 153,
    modify_ldt: 154,
    pivot_root: 155,
    adjtimex: 159,
    chroot: 161,
    acct: 163,
    settimeofday: 164,
    mount: 165,
    umount2: 166,
    swapon: 167,
    swapoff: 168,
    reboot: 169,
    sethostname: 170,
    setdomainname: 171,
    iopl: 172,
    ioperm: 173,
    init_module: 175,
    delete_module: 176,
    quotactl: 179,
    nfsservctl: 180,
    lookup_dcookie: 212,
    clock_settime: 227,
    mbind: 237,
    set_mempolicy: 238,
    kexec_load: 246,
    add_key: 248,
    request_key: 249,
    keyctl: 250,
    migrate_pages: 256,
    unshare: 272,
    move_pages: 279,
    perf_event_open: 298,
    fanotify_init: 300,
    name_to_handle_at: 303,
    open_by_handle_at: 304,
    clock_adjtime: 305,
    setns: 308,
    process_vm_readv: 310,
    process_vm_writev: 311,
    kcmp: 312,
    finit_module: 313,
    kexec_file_load: 320,
    bpf: 321,
    userfaultfd: 323,
  },
  hiddenMemory: { shmget: 29, memfd_create: 319, memfd_secret: 447 },
}

const ARM64: SyscallTable = {
  auditArch: 0xc00000b7,
  socket: 198,
  clone: 220,
  clone3: 435,
  ioctl: 29,
  denied: {
    ...DENIED_EVERYWHERE,
    io_setup: 0,
    lookup_dcookie: 18,
    umount2: 39,
    mount: 40,
    pivot_root: 41,
    nfsservctl: 42,
    chroot: 51,
    vhangup: 58,
    quotactl: 60,
    acct: 89,
    personality: 92,
    unshare: 97,
    kexec_load: 104,
    init_module: 105,
    delete_module: 106,
    clock_settime: 112,
    syslog: 116,
    ptrace: 117,
    reboot: 142,
    sethostname: 161,
    setdomainname: 162,
    settimeofday: 170,
    adjtimex: 171,
    add_key: 217,
    request_key: 218,
    keyctl: 219,
    swapon: 224,
    swapoff: 225,
    mbind: 235,
    set_mempolicy: 237,
    migrate_pages: 238,
    move_pages: 239,
    perf_event_open: 241,
    fanotify_init: 262,
    name_to_handle_at: 264,
    open_by_handle_at: 265,
    clock_adjtime: 266,
    setns: 268,
    process_vm_readv: 270,
    process_vm_writev: 271,
    kcmp: 272,
    finit_module: 273,
    bpf: 280,
    userfaultfd: 282,
    kexec_file_load: 294,
  },
  hiddenMemory: { shmget: 194, memfd_create: 279, memfd_secret: 447 },
}

export const SYSCALL_TABLES: Partial<Record<string, SyscallTable>> = { x64: X64, arm64: ARM64 }
