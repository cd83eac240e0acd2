import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { SandboxReport } from '../port'
import { startPiped } from '../processes/spawn'
import { bubblewrapOptions, limitedCommand } from './bubblewrap-options'
import type { Cgroup, CgroupController } from './cgroup'
import { launchCommand } from './launch-command'
import { MemoryWatchdog } from './memory-watchdog'
import { measureTree } from './process-memory'
import { type Relocation, relocatedPath } from './relocation'
import type { Mount, Sandbox, SandboxExit, SandboxProcess, SandboxSpec } from './sandbox'
import { makeSandboxMark, type SandboxMark } from './sandbox-mark'
import { seccompProgram } from './seccomp'
import { waitForEnd } from './wait-for-end'

const SECCOMP_FD = 3
const OPTIONS_FD = 4
/** Where bubblewrap and its like are looked for. Nothing else of the server's environment reaches them. */
export const SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin'

export type BubblewrapSettings = {
  report: SandboxReport
  harnessDir: string
  cgroups: CgroupController | undefined
  relocation: Relocation
  searchPath?: string | undefined
}

/** Sandboxes made by bubblewrap: levels `strict` (with cgroups) and `standard` (with the memory watchdog). */
export class BubblewrapSandbox implements Sandbox {
  readonly report: SandboxReport
  readonly #settings: BubblewrapSettings
  readonly #watchdog = new MemoryWatchdog()

  constructor(settings: BubblewrapSettings) {
    this.report = settings.report
    this.#settings = settings
  }

  locate(mount: Mount): string {
    return mount.inside
  }

  async start(spec: SandboxSpec): Promise<SandboxProcess> {
    const { cgroups, relocation, harnessDir, searchPath = SEARCH_PATH } = this.#settings
    const hostsFile = path.join(spec.runDirectory, 'hosts')
    await writeFile(hostsFile, ['127.0.0.1 localhost', ...(spec.hosts ?? []), ''].join('\n'), { mode: 0o644 })
    const cgroup = await cgroups?.create(`w${randomBytes(6).toString('hex')}`, spec.limits)
    const command = launchCommand(
      [
        ...['bwrap', '--seccomp', String(SECCOMP_FD), '--args', String(OPTIONS_FD)],
        ...limitedCommand(spec.argv, spec.limits),
      ],
      { processFiles: cgroup?.processFiles ?? [], relocation, uid: spec.uid },
    )
    const stdio = Array<'pipe'>(OPTIONS_FD + 1).fill('pipe')
    const mark = makeSandboxMark()
    const env = { PATH: searchPath, ...mark.variables }
    const child = await orRemove(cgroup, () => startPiped({ ...command, env, cwd: '/', stdio }))
    const locate = (host: string) => relocatedPath(host, relocation)
    const options = bubblewrapOptions(spec, { harnessDir, hostsFile, locate })
    // By descriptor, not as arguments: the environment holds secrets, and `ps` shows arguments to everybody.
    feed(child, OPTIONS_FD, Buffer.from(options.map((option) => `${option}\0`).join('')))
    feed(child, SECCOMP_FD, seccompProgram(cgroup === undefined) ?? Buffer.alloc(0))
    return new BubblewrapProcess(child, mark, cgroup, spec.limits.memoryBytes, this.#watchdog)
  }

  async close(): Promise<void> {
    this.#settings.relocation.close()
    await this.#settings.cgroups?.close()
  }
}

async function orRemove<T>(cgroup: Cgroup | undefined, start: () => T): Promise<T> {
  try {
    return start()
  } catch (error) {
    await cgroup?.remove()
    throw error
  }
}

function feed(child: ChildProcess, descriptor: number, bytes: Buffer): void {
  const pipe = child.stdio[descriptor] as Writable | null
  pipe?.on('error', () => undefined) // it ended before it read all; its exit says why
  pipe?.end(bytes)
}

class BubblewrapProcess implements SandboxProcess {
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly exited: Promise<SandboxExit>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #cgroup: Cgroup | undefined
  readonly #watch: ReturnType<MemoryWatchdog['watch']> | undefined
  #endedBy: 'killed' | 'memory' | undefined

  constructor(
    child: ChildProcessWithoutNullStreams,
    mark: SandboxMark,
    cgroup: Cgroup | undefined,
    memoryBytes: number,
    watchdog: MemoryWatchdog,
  ) {
    this.#child = child
    this.#cgroup = cgroup
    this.pid = child.pid
    this.stdin = child.stdin
    this.stdout = child.stdout
    this.stderr = child.stderr
    this.stdin.on('error', () => undefined)
    if (!cgroup && child.pid !== undefined) {
      this.#watch = watchdog.watch({ pid: child.pid, memoryBytes, onExceeded: () => this.#end('memory') })
    }
    this.exited = this.#waitForExit(mark, cgroup)
  }

  kill(): void {
    this.#end('killed')
  }

  setBusy(isBusy: boolean): void {
    this.#watch?.setBusy(isBusy)
  }

  async measureMemory(): Promise<number | undefined> {
    if (this.#cgroup) return this.#cgroup.usedMemory()
    return this.pid === undefined ? undefined : measureTree(this.pid)
  }

  #end(by: 'killed' | 'memory'): void {
    this.#endedBy ??= by
    // SIGKILL to bubblewrap ends its process namespace and so everything inside.
    this.#child.kill('SIGKILL')
  }

  async #waitForExit(mark: SandboxMark, cgroup: Cgroup | undefined): Promise<SandboxExit> {
    const { code, signal, failure } = await waitForEnd(this.#child, mark.killMarked)
    this.#watch?.stop()
    const wasOutOfMemory = this.#endedBy === 'memory' || ((await cgroup?.wasOutOfMemory()) ?? false)
    await cgroup?.remove()
    if (failure) return { reason: 'not_started', code, signal, failure }
    if (wasOutOfMemory) return { reason: 'memory', code, signal }
    if (this.#endedBy) return { reason: 'killed', code, signal }
    return { reason: signal || (code ?? 0) > 128 ? 'signal' : 'exit', code, signal }
  }
}
