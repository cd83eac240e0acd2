import type { Abortable } from '@/lib/abortable'
import type { Language } from '@/lib/generated/prisma/enums'
import type { WorkerLimits } from './limits'

/** How far algorithms are kept apart here, found by really running the sandbox. */
export type SandboxLevel = 'strict' | 'standard' | 'none'

/**
 * `reasons` say why the level is not higher; `fix` what to do, when there is something. `isRefused`: at this level
 * nothing runs here, because nobody opted in.
 */
export type SandboxReport = { level: SandboxLevel; reasons: string[]; fix?: string; isRefused?: boolean }

/** One language runtime found on this machine. */
export type FoundEnvironment = {
  /** Stable, say `python311`. */
  name: string
  displayName: string
  language: Language
  interpreterPath: string
  /** Say `3.11.2`. */
  exactVersion: string
}

/** A commit that can run: what a worker process needs to know of it. */
export type RunnableVersion = {
  algorithmId: string
  /** Account ids: whose algorithm it is, and for whom it runs. Workers are never shared between callers. */
  ownerId: string
  callerId: string
  /** What of the caller's data the algorithm may use through the API: a caller with a limited key can not lend more. */
  callerDataRight: 'read_write' | 'read' | 'none'
  /** `OWNER/NAME`, for messages and logs. */
  algorithmName: string
  /** 40 hex digits; the source tree is `<data>/versions/<algorithmId>/<commitSha>`. */
  commitSha: string
  language: Language
  interpreterPath: string
  /** The dependency environment of the build, or null when there are no dependencies. */
  environmentKey: string | null
  networkAccess: 'full' | 'isolated'
  limits: WorkerLimits
  /** Environment variables from the algorithm's secrets, read when a worker starts. */
  readSecrets: () => Promise<Record<string, string>>
}

/** Bytes with their type. `json` is passed through as it is, unparsed; `binary` is raw bytes, not base64. */
export type Payload = {
  type: 'json' | 'text' | 'binary'
  bytes: Buffer
  /** Of an input that only looks like JSON: it runs as text when the worker finds that it is none. */
  isGuess?: true
}

/** What a call is made for, for an algorithm that asks (a parameter `context`). Plain JSON; null for no message. */
export type CallContext = {
  message: {
    message_id: string | null
    session_id: string | null
    correlation_id: string | null
    content_type: string | null
    /** A 64-bit number as text. */
    sequence_number: string
    /** ISO 8601. */
    enqueued_at: string
    /** 1 for the first hand-over. */
    delivery_count: number
    properties: Record<string, string | number | boolean | null>
  } | null
}

export type InvokeOptions = {
  timeoutMs: number
  context?: CallContext
  /** Kills the run: the caller does not want its result any more (a lock was lost, the engine stops). */
  signal?: Abortable
}

/** What a run did besides its result. Times in milliseconds. */
export type RunReport = {
  durationMs: number
  /** Waiting for a free worker, start of a cold one included. */
  queuedMs: number
  isColdStart: boolean
  stdout: string
  stderr: string
  /** Whether the middle of a stream was dropped. */
  isTruncated: boolean
}

/** Why a run has no result. */
export type RunErrorKind =
  | 'algorithm_error' // the algorithm raised
  | 'loading_error' // the algorithm could not be loaded
  | 'timeout'
  | 'out_of_memory'
  | 'worker_exit' // the process ended in the middle of the call
  | 'result_too_large'
  | 'input_too_large'
  | 'unusable_input' // the worker found that it is not JSON; the algorithm has not seen it
  | 'overloaded' // no worker became free in time
  | 'not_built' // source tree or dependency environment are not there
  | 'sandbox_refused' // no isolation here and nobody opted in
  | 'aborted' // the caller's signal

export type RunError = {
  kind: RunErrorKind
  /** As the Algorithmia contract names it: AlgorithmError, LoadingError, TimeoutError, … or the author's own. */
  errorType: string
  message: string
  stackTrace?: string
}

/** `isText`: the input was a guess and ran as text. */
export type Invocation = RunReport & { isText?: true } & (
    | { ok: true; result: Payload }
    | { ok: false; error: RunError }
  )

/** Why a worker ended. The first reason counts; memory counts before all others. */
export type WorkerExitReason =
  | 'idle' // no call for a while
  | 'surplus' // more idle workers than its version keeps warm
  | 'worn_out' // enough calls, time or memory
  | 'evicted' // another worker needed the memory
  | 'dropped' // its algorithm changed or is gone
  | 'closing' // the server stops
  | 'not_started' // the host could not start it
  | 'load_failed' // the algorithm could not be loaded, or not in time
  | 'timeout'
  | 'aborted' // the caller gave up
  | 'result_too_large' // it did not stop writing
  | 'forged_answer' // it wrote answers that nobody asked for
  | 'printed_idle' // it printed without measure while it had no call
  | 'out_of_memory'
  | 'crashed' // it ended by itself

/** What an administrator may set for all workers, at any time. */
export type RuntimePolicy = {
  /** Idle workers that one version keeps. */
  warmWorkersPerVersion: number
  /** Workers that one version may have for one caller. */
  maxWorkersPerVersion: number
  /** What all workers together may use; null for a share of the machine's memory. */
  memoryBudgetBytes: number | null
  /** Destinations that are open to algorithms with Internet access although they are private: see gate/allow-list. */
  egressAllowList: string[]
}

export type RuntimeStats = {
  workers: number
  busy: number
  starts: number
  /** Calls that were handed to a busy worker since the runtime started, those included that were taken back. */
  sentAhead: number
  /** Of all workers, as measured last. */
  memoryBytes: number
  memoryBudgetBytes: number
  /** Workers that ended since the runtime started, by reason. */
  ends: Partial<Record<WorkerExitReason, number>>
}

/** Runs versions in warm sandboxed worker processes, one request at a time each. */
export interface Runtime {
  invoke(version: RunnableVersion, input: Payload, options: InvokeOptions): Promise<Invocation>
  /**
   * Has a worker ready ahead of each call, until what it returns is called; quiet when it can not, and not at the cost
   * of other workers: one that another needs the memory of goes, and comes back when there is room.
   */
  keepWarm(version: RunnableVersion): () => void
  /** Lets go of the workers of an algorithm (secrets changed, algorithm deleted). Running calls end first. */
  drop(algorithmId: string): Promise<void>
  /** Takes a new policy; workers that it changes something for are replaced after their call. */
  configure(policy: RuntimePolicy): void
  stats(): RuntimeStats
  /** Stops taking calls, waits `graceMs` for running ones, then kills. Idempotent. */
  close(graceMs: number): Promise<void>
}

/** What a build needs. */
export type BuildRequest = {
  algorithmId: string
  algorithmName: string
  commitSha: string
  language: Language
  interpreterPath: string
  /** The source tree: path (relative, `/` between parts) to bytes. */
  files: Map<string, Uint8Array>
  /** Told the key of the environment before it is looked for: from then on it must not be removed. */
  noteEnvironment?: (environmentKey: string) => Promise<void>
}

/** What was installed into a dependency environment. */
export type InstalledPackages = {
  language: Language
  /** Say `3.11.2`. */
  interpreterVersion: string
  /** What installed it, say `pip 23.0.1`. */
  installer: string
  /** One `name==version` a line. */
  names: string
  sizeBytes: number
}

export type BuildResult =
  | { ok: true; environmentKey: string | null; packages?: InstalledPackages }
  | { ok: false; error: string }

/** Turns a commit into something that a Runtime can run. Lines of the log come as they are written. */
export interface Builder {
  build(request: BuildRequest, onLine: (line: string) => void, signal?: AbortSignal): Promise<BuildResult>
}

/**
 * Answers the HTTP requests that algorithms make from inside the sandbox; who asks is known from the socket.
 * The same handler as behind `/v1`.
 */
export type WorkerApi = (
  request: Request,
  caller: Pick<RunnableVersion, 'algorithmId' | 'ownerId' | 'callerId' | 'callerDataRight' | 'algorithmName'>,
) => Promise<Response>
