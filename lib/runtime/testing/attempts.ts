/** What the algorithm's own words settle: it says whether it won. */
export const SAYS_ITSELF = [
  'read_server_secret_in_own_environment',
  'read_any_process_environment',
  'read_server_environment',
  'read_server_memory',
  'read_other_algorithm_file',
  'read_other_algorithm_file_by_link',
  'read_host_secrets',
  'read_host_devices',
  'see_other_workers',
  'see_host_file_system',
  'use_inherited_descriptors',
  'read_kernel_log',
  'learn_how_it_is_held',
  'trace_server',
  'read_memory_of_a_process',
  'take_descriptor_of_a_process',
  'fork_bomb',
  'thread_bomb',
  'zombie_storm',
  'memory_in_one_process',
  'fill_tmp',
  'fill_shared_memory',
  'fill_dev',
  'fill_root',
  'fill_run',
  'write_a_huge_file',
  'open_many_files',
  'raise_own_limits',
  'take_the_processor',
  'reach_server_port',
  'reach_unix_socket',
  'reach_abstract_socket',
  'reach_the_internet_directly',
  'ask_dns_directly',
  'reach_server_port_by_proxy',
  'reach_server_port_by_name',
  'reach_server_port_by_odd_address',
  'reach_server_port_by_forward',
  'reach_cloud_metadata',
  'exhaust_the_gate',
  'open_vsock',
  'open_raw_socket',
  'change_the_network',
  'make_user_namespace',
  'make_user_namespace_by_clone',
  'join_namespace',
  'mount_something',
  'make_root_writable',
  'change_root',
  'become_root',
  'use_a_setuid_program',
  'make_a_device',
  'write_kernel_settings',
  'leave_the_cgroup',
  'write_own_code',
  'replace_the_answer_pipe',
  'replace_the_gate',
  'type_into_a_terminal',
  'open_by_handle',
  'load_a_module',
  'set_the_clock',
  'rename_the_host',
  'use_kernel_interfaces',
  'make_setuid_program',
  'run_a_privileged_tool',
]

/** Memory that RLIMIT_DATA does not see: the cgroup or the watchdog ends the sandbox, or the call is refused. */
export const ENDED_OR_REFUSED = [
  'memory_in_many_processes',
  'memory_shared_without_owner',
  'memory_in_memfd',
  'memory_in_sysv_segments',
]

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
  ...SAYS_ITSELF,
  ...ENDED_OR_REFUSED,
  ...HARMS_THE_SERVER,
  ...ENDED_BY_TIME,
  ...OF_THEIR_OWN,
]
