import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { SandboxReport } from '../port'
import { startPiped } from '../processes/spawn'
import { measureTree } from './process-memory'
import type { Mount, Sandbox, SandboxExit, SandboxProcess, SandboxSpec } from './sandbox'
import { waitForEnd } from './wait-for-end'
import { sandboxIdentity } from './worker-identity'

/**
 * Level `none`: a process of its own, never root, with a clean environment and nothing more. It can read the server's files and
 * reach its database. Used only where somebody opted in.
 */
export class Unsandboxed implements Sandbox {
  readonly report: SandboxReport

  constructor(report: SandboxReport) {
    this.report = report
  }

  locate(mount: Mount): string {
    return mount.host
  }

  async start(spec: SandboxSpec): Promise<SandboxProcess> {
    const [command = '', ...args] = spec.argv
    const child = startPiped({
      command,
      args,
      env: spec.environment,
      cwd: spec.workingDirectory,
      detached: true,
      ...sandboxIdentity(spec.uid),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    return new PlainProcess(child)
  }

  async close(): Promise<void> {}
}

class PlainProcess implements SandboxProcess {
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly exited: Promise<SandboxExit>
  readonly #child: ChildProcessWithoutNullStreams
  #isKilled = false

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    this.pid = child.pid
    this.stdin = child.stdin
    this.stdout = child.stdout
    this.stderr = child.stderr
    this.stdin.on('error', () => undefined)
    this.exited = this.#waitForExit()
  }

  kill(): void {
    this.#isKilled = true
    this.#killGroup()
  }

  setBusy(): void {}

  async measureMemory(): Promise<number | undefined> {
    return this.pid === undefined ? undefined : measureTree(this.pid)
  }

  async #waitForExit(): Promise<SandboxExit> {
    const { code, signal, failure } = await waitForEnd(this.#child, async () => this.#killGroup())
    if (failure) return { reason: 'not_started', code, signal, failure }
    return { reason: this.#isKilled ? 'killed' : signal ? 'signal' : 'exit', code, signal }
  }

  #killGroup(): void {
    if (this.pid === undefined) return
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL') // the group has no leader any more
    }
  }
}
