import type { Readable, Writable } from 'node:stream'
import type { SandboxLimits } from '../limits'
import type { SandboxReport } from '../port'

/** A file or folder of the host and where it is seen inside. */
export type Mount = { host: string; inside: string }

/** What to run in a sandbox. Nothing but this, the system below /usr and the limits is there. */
export type SandboxSpec = {
  /** A command as seen from inside. */
  argv: string[]
  workingDirectory: string
  /** The whole environment. */
  environment: Record<string, string>
  readOnly: Mount[]
  writable: Mount[]
  /** Its installation is made visible at its own path when it is not below /usr. */
  interpreterPath: string
  limits: SandboxLimits
  /** Its kernel user where the server is root; a build's unless it is given. */
  uid?: number
  /** Folder of this run that the sandbox may keep its own small files in (never shown inside). */
  runDirectory: string
  /** Lines of /etc/hosts besides localhost's. */
  hosts?: string[]
}

/** Why a sandbox ended: by itself, by a signal of its own doing, over its memory limit, or because we ended it. */
export type ExitReason = 'exit' | 'signal' | 'memory' | 'killed' | 'not_started'

export type SandboxExit = { reason: ExitReason; code: number | null; signal: NodeJS.Signals | null; failure?: string }

export type SandboxProcess = {
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Ends everything inside, at once. */
  kill(): void
  /** While it is busy its memory is watched closely (where no cgroup does it). */
  setBusy(isBusy: boolean): void
  /** Bytes that it uses now and would free; undefined when it has ended or the system does not tell. */
  measureMemory(): Promise<number | undefined>
  /** Settles when all of it has ended, output is read and its traces on the host are removed. Never rejects. */
  readonly exited: Promise<SandboxExit>
}

export interface Sandbox {
  readonly report: SandboxReport
  /** Where a host path is seen inside: below bubblewrap at `inside`, without isolation where it is. */
  locate(mount: Mount): string
  start(spec: SandboxSpec): Promise<SandboxProcess>
  close(): Promise<void>
}
