/** Every limit of the runtime, with its unit. What one sandbox may use is a `SandboxLimits`. */

export const KIB = 1024
export const MIB = 1024 * KIB
export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS

/** As the Algorithmia API had it. */
export const MAX_INPUT_BYTES = 10 * MIB
export const MAX_RESULT_BYTES = 15 * MIB

/** What one sandbox may use. */
export type SandboxLimits = {
  memoryBytes: number
  processes: number
  openFiles: number
  /** The largest file that can be written. */
  fileBytes: number
  /** Size of /tmp, which is memory. */
  tmpBytes: number
  /** Size of /dev/shm, which is memory. */
  sharedMemoryBytes: number
  /** Share of the processor under load, where a cgroup can set it; the server itself has 1024. */
  cpuShares: number
  cpuSeconds?: number
}

/** What a worker may use: its sandbox's limits, and two that the server keeps itself. */
export type WorkerLimits = SandboxLimits & {
  /** Of each of stdout and stderr, per call: the first and the last half are kept. */
  outputBytes: number
  /** The longest that a call may run, whatever its caller asks for. */
  callMs: number
}

/** For an algorithm without settings of its own. */
export const WORKER_LIMITS: WorkerLimits = {
  memoryBytes: 512 * MIB,
  processes: 64,
  openFiles: 256,
  fileBytes: 128 * MIB,
  tmpBytes: 128 * MIB,
  sharedMemoryBytes: 32 * MIB,
  cpuShares: 64,
  outputBytes: 1 * MIB,
  callMs: 50 * MINUTE_MS,
}

/** Builds unpack and compile packages, whose setup scripts are strangers' code too. */
export const BUILD_LIMITS: SandboxLimits = {
  memoryBytes: 2048 * MIB,
  processes: 256,
  openFiles: 1024,
  fileBytes: 2048 * MIB,
  tmpBytes: 1024 * MIB,
  sharedMemoryBytes: 32 * MIB,
  cpuShares: 128,
  cpuSeconds: 600,
}

/** RLIMIT_DATA stays this far below the sandbox's memory: the code sees a MemoryError before the kernel kills it. */
export const MEMORY_HEADROOM_BYTES = 32 * MIB

/** How often the memory of busy sandboxes is measured where no cgroup limits it. */
export const MEMORY_CHECK_INTERVAL_MS = 100

/** What a worker may print between two calls: it counts for the second one, and reading it costs the server. */
export const MAX_IDLE_OUTPUT_BYTES = 16 * MIB

/** For imports and load together; models may be large. */
export const WORKER_START_TIMEOUT_MS = 2 * MINUTE_MS
export const WORKER_IDLE_MS = 5 * MINUTE_MS
export const WORKER_MAX_AGE_MS = 60 * MINUTE_MS
/**
 * Leaks of memory are measured; this is for slow ones of other things, of which a fast one meets its limit long before.
 * At full speed a start for each 10,000 calls would cost a tenth of them.
 */
export const WORKER_MAX_CALLS = 100_000
/** A worker that uses this share of its memory limit after a call is replaced: the next call might meet the limit. */
export const WORKER_RECYCLE_MEMORY_SHARE = 0.8
/** Idle workers above a version's warm limit stay this long: a burst is seldom over with one call. */
export const SURPLUS_IDLE_MS = 10 * SECOND_MS

/** Workers that one version may have for one caller. */
export const MAX_WORKERS_PER_VERSION = 8
/** What a worker's start counts for until one of its version was measured. */
export const UNMEASURED_START_MS = 100
/** Calls wait at most this long for busy workers of their version, however long a start takes, before another starts. */
export const MAX_START_PATIENCE_MS = 1 * SECOND_MS
/** Calls that waited without a break for this long get a further worker, however quick they are, if processors idle. */
export const LASTING_BACKLOG_MS = 1 * SECOND_MS
/** An event flow's version has a worker ready all the time; one that ended is replaced this long after it started. */
export const KEPT_RESTART_MS = 10 * SECOND_MS

/** Idle workers that one version keeps, over all its callers. */
export const WARM_WORKERS_PER_VERSION = 2
/** Share of the machine's memory that all workers together may use, as measured. */
export const WORKER_MEMORY_SHARE = 0.5
/** What a worker counts for until it is measured, unless an earlier one of its version was. */
export const UNMEASURED_WORKER_BYTES = 24 * MIB
/** How old a worker's measurement may be when a call ends. */
export const MEMORY_MEASURE_INTERVAL_MS = 1 * SECOND_MS
/** Processes at once, however small they are. */
export const MAX_WORKERS = 400
/** A start that takes longer than this (a large model, say) does not keep others from starting. */
export const SLOW_START_MS = 2 * SECOND_MS

/** Calls that wait for a worker of one version; the next one is refused. */
export const MAX_QUEUED_CALLS = 500
export const MAX_QUEUED_MS = 30 * SECOND_MS

/** A busy worker is given so many further calls at most, */
export const MAX_AHEAD = 8
/** as long as it would be through with all of them within this time, as calls of its version go. */
export const AHEAD_BUDGET_MS = 5
/** When a call runs longer than this, those behind it are taken back and run elsewhere. */
export const AHEAD_PATIENCE_MS = 20
/** Larger inputs wait for a free worker: what was sent ahead must fit into the pipe to the worker. */
export const MAX_AHEAD_INPUT_BYTES = 8 * KIB
/** The mark behind a call's output is written right after its answer. After so many times the above it is given up. */
export const MARK_LOOKS = 12
/** For an answer or a mark that is known to be in its pipe already. */
export const ANSWER_GRACE_MS = 50

/** After this many crashes in a row the next start waits: 1, 2, 4 … seconds. */
export const CRASHES_BEFORE_BACK_OFF = 3
export const MIN_BACK_OFF_MS = 1 * SECOND_MS
export const MAX_BACK_OFF_MS = 60 * SECOND_MS

/** From the moment that a build is taken from the queue to its end. */
export const BUILD_TIMEOUT_MS = 15 * MINUTE_MS
export const IMPORT_CHECK_TIMEOUT_MS = 60 * SECOND_MS
/** Files of one source tree. */
export const MAX_SOURCE_BYTES = 50 * MIB

/** Connections that one sandbox may hold open to the gate. */
export const MAX_GATE_CONNECTIONS = 128
/** Of those that lead out, how many may be in the making at once. */
export const MAX_PENDING_EGRESS = 32
export const EGRESS_CONNECT_TIMEOUT_MS = 15 * SECOND_MS
