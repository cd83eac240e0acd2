const REFUSED = /^EPERM$/
const NOTHING_THERE = /^\['ENOENT'(, 'ENOENT')*\]$/
const FORBIDDEN = /^HTTP\/1\.1 403 Forbidden$/

/** The algorithm's own last words settle it: that it has not won, and what it got instead. */
export const SAYS_ITSELF: Record<string, RegExp> = {
  read_server_secret_in_own_environment: /^\d+ variables$/,
  read_any_process_environment: /^\d processes visible$/,
  read_server_environment: NOTHING_THERE,
  read_server_memory: NOTHING_THERE,
  read_other_algorithm_file: /^not there$/,
  read_other_algorithm_file_by_link: /^the link leads nowhere$/,
  read_host_secrets: NOTHING_THERE,
  read_host_devices: NOTHING_THERE,
  see_other_workers: /^\['gate\.sock'\]$/,
  see_host_file_system: /^\['bin', .*'tmp', 'usr'\]$/,
  use_inherited_descriptors: /^\{0: '\/dev\/null', 1: 'socket:/,
  read_kernel_log: REFUSED,
  learn_how_it_is_held: /^bwrap --seccomp 3 --args 4 prlimit [^;]* ; PATH=\S+ HEADRACE_SANDBOX=\S+ (PWD=\/ )?; $/,
  trace_server: REFUSED,
  read_memory_of_a_process: REFUSED,
  take_descriptor_of_a_process: REFUSED,
  fork_bomb: /^6\d children, EAGAIN$/,
  thread_bomb: /^6\d threads, can't start new thread$/,
  zombie_storm: /^6\d never waited for, EAGAIN$/,
  memory_in_one_process: /^MemoryError at 4\d\d MiB$/,
  fill_tmp: /^128 MiB, ENOSPC$/,
  fill_shared_memory: /^32 MiB, ENOSPC$/,
  fill_dev: /^0 MiB, EROFS$/,
  fill_root: /^0 MiB, EROFS$/,
  fill_run: /^0 MiB, EROFS$/,
  write_a_huge_file: /^EFBIG$/,
  open_many_files: /^2\d\d, EMFILE$/,
  raise_own_limits: /^\[\]$/,
  take_the_processor: REFUSED,
  reach_server_port: /Connection refused$/,
  reach_unix_socket: /No such file or directory$/,
  reach_abstract_socket: /Connection refused$/,
  reach_the_internet_directly: /Network is unreachable$/,
  ask_dns_directly: /Temporary failure in name resolution$/,
  reach_server_port_by_proxy: FORBIDDEN,
  reach_server_port_by_name: FORBIDDEN,
  reach_server_port_by_odd_address: /^\[('HTTP\/1\.1 (403 Forbidden|502 Bad Gateway)',? ?){11}\]$/,
  reach_server_port_by_forward: /^\[('HTTP\/1\.1 (403 Forbidden|400 Bad Request)',? ?){6}\]$/,
  reach_cloud_metadata: FORBIDDEN,
  exhaust_the_gate: /^128 connections answered$/,
  open_vsock: /Address family not supported by protocol$/,
  open_raw_socket: /Address family not supported by protocol$/,
  change_the_network: REFUSED,
  make_user_namespace: REFUSED,
  make_user_namespace_by_clone: REFUSED,
  join_namespace: /^ENOENT$/,
  mount_something: REFUSED,
  make_root_writable: REFUSED,
  change_root: REFUSED,
  become_root: REFUSED,
  use_a_setuid_program: /^\{'CapPrm:': '0+', 'CapEff:': '0+', 'CapBnd:': '0+', 'NoNewPrivs:': '1'\}$/,
  make_a_device: REFUSED,
  write_kernel_settings: /^\['(EACCES|ENOENT|EROFS)'(, '(EACCES|ENOENT|EROFS)'){5}\]$/,
  leave_the_cgroup: /^\['(EACCES|ENOENT|EROFS)'(, '(EACCES|ENOENT|EROFS)')*\]$/,
  write_own_code: /^(EACCES|EROFS)$/,
  replace_the_answer_pipe: /^EBUSY$/,
  replace_the_gate: /^EROFS$/,
  type_into_a_terminal: REFUSED,
  open_by_handle: REFUSED,
  load_a_module: REFUSED,
  set_the_clock: REFUSED,
  rename_the_host: REFUSED,
  use_kernel_interfaces: /^\{('\w+': '(EPERM|ENOSYS)',? ?){15}\}$/,
  make_setuid_program: /^(EINVAL|EPERM)$/,
  run_a_privileged_tool: /^all refused$/,
}

/** The call ends with out_of_memory. */
export const ENDED = 'ended'

/** What an attempt may get: words of its own, or its end. */
export type Gets = RegExp | typeof ENDED | (RegExp | typeof ENDED)[]

/**
 * Memory that RLIMIT_DATA does not see: the cgroup or the watchdog ends the sandbox, or the call is refused; by level. Of
 * many processes the first version of cgroups ends one at a time, the second all.
 */
export const ENDED_OR_REFUSED: Record<string, Record<'strict' | 'standard', Gets>> = {
  memory_in_many_processes: { strict: [/^\d of 12 processes kept 75 MiB$/, ENDED], standard: ENDED },
  memory_shared_without_owner: { strict: ENDED, standard: ENDED },
  memory_in_memfd: { strict: ENDED, standard: REFUSED },
  memory_in_sysv_segments: { strict: ENDED, standard: REFUSED },
}

/** What the levels differ in, or could: run again without cgroups. */
export const ALSO_WITHOUT_CGROUPS = [
  'fork_bomb',
  'thread_bomb',
  'memory_in_one_process',
  'fill_tmp',
  'fill_shared_memory',
]

/** Must leave the server alone. */
export const HARMS_THE_SERVER = ['kill_server', 'kill_everything', 'close_standard_output']

/** Ended with the call's time. */
export const ENDED_BY_TIME = ['loop_for_ever', 'ignore_signals', 'stop_itself', 'answer_in_half']

/** With a test each. */
const OF_THEIR_OWN = [
  'outlive_its_end',
  'leave_a_child_with_the_output',
  'flood_output',
  'flood_answers',
  'print_for_ever',
  'use_up_what_is_counted_by_user',
  'watch_a_file',
]

export const ALL_ATTEMPTS = [
  ...Object.keys(SAYS_ITSELF),
  ...Object.keys(ENDED_OR_REFUSED),
  ...HARMS_THE_SERVER,
  ...ENDED_BY_TIME,
  ...OF_THEIR_OWN,
]
