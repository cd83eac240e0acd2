import { type ChildProcess, type ChildProcessWithoutNullStreams, type StdioOptions, spawn } from 'node:child_process'

/** What to start. Nothing of the server's own environment is handed on. */
export type ProcessSpec = {
  command: string
  args: string[]
  /** The whole environment of the process. */
  env: Record<string, string>
  cwd?: string
  uid?: number
  gid?: number
  /** In a process group of its own, so that it can be killed with its children. */
  detached?: boolean
  stdio: StdioOptions
}

/** How a command ended. `code` is null when a signal ended it; `failure` says why it could not start. */
export type CommandResult = {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  failure?: string
}

/** The only place of the runtime that starts a process. */
export function startProcess(spec: ProcessSpec): ChildProcess {
  const { command, args, env, ...options } = spec
  // Next's types demand a NODE_ENV of every environment; a worker's has none.
  return spawn(command, args, { ...options, env: env as NodeJS.ProcessEnv, shell: false, windowsHide: true })
}

/**
 * Starts a process whose standard streams are pipes. Throws when the system has no descriptors for them: Node leaves such
 * a process without any, and would end the server with its error.
 */
export function startPiped(spec: ProcessSpec): ChildProcessWithoutNullStreams {
  const child = startProcess(spec)
  if (child.stdin && child.stdout && child.stderr) return child as ChildProcessWithoutNullStreams
  child.on('error', () => undefined)
  throw new Error('The server has no descriptors left for another process.')
}

/** Longest output that `runCommand` keeps of each stream; the rest is dropped. */
const MAX_COMMAND_OUTPUT_BYTES = 256 * 1024

/** Runs a short command to its end; kills it after `timeoutMs`. Never rejects. */
export function runCommand(spec: Omit<ProcessSpec, 'stdio'>, timeoutMs: number): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = startProcess({ ...spec, stdio: ['ignore', 'pipe', 'pipe'] })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    let failure: string | undefined
    child.on('error', (error) => {
      failure = error.message
      // A process that never started emits no `close`.
      if (child.pid === undefined) finish(null, null)
    })
    child.on('close', finish)

    function finish(code: number | null, signal: NodeJS.Signals | null): void {
      clearTimeout(timer)
      resolve({ code, signal, stdout: stdout(), stderr: stderr(), failure })
    }
  })
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream?.on('data', (chunk: Buffer) => {
    if (bytes < MAX_COMMAND_OUTPUT_BYTES) chunks.push(chunk)
    bytes += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
