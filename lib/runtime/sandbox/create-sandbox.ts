import { rm } from 'node:fs/promises'
import path from 'node:path'
import { WORKER_LIMITS } from '../limits'
import type { SandboxLevel, SandboxReport } from '../port'
import { runCommand } from '../processes/spawn'
import { BubblewrapSandbox, SEARCH_PATH } from './bubblewrap'
import { type CgroupController, findCgroups } from './cgroup'
import { explainFailure, readSysctls } from './explain-failure'
import { openRelocation, planRelocation, type Relocation } from './relocation'
import type { Sandbox, SandboxExit, SandboxProcess } from './sandbox'
import { seccompProgram } from './seccomp'
import { Unsandboxed } from './unsandboxed'
import { BUILD_UID, isRoot, makePrivateFolder, sandboxIdentity } from './worker-identity'

const PROBE_TIMEOUT_MS = 10_000
const PROBE_WORD = 'sandbox works'

type SandboxOptions = {
  /** Below `runDir`. */
  harnessDir: string
  runDir: string
  /** The program's other folders that sandboxes are shown parts of. */
  folders: string[]
  highestLevel: SandboxLevel
  /** Where bubblewrap and its like are looked for. */
  searchPath?: string
}
type ProbeResult = { sandbox: Sandbox } | { failure: string }

/**
 * Finds out how far algorithms can be kept apart here by really starting the sandbox: with cgroups (`strict`),
 * without (`standard`), or not at all (`none`, with the reasons and what to do).
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const unreachable = await findUnreachable([options.runDir, ...options.folders])
  const missing =
    options.highestLevel === 'none'
      ? { reasons: ['Isolation is switched off.'] }
      : await findMissing(options.searchPath)
  if (missing) return withoutIsolation(missing, unreachable)
  const relocation = await openRelocation(planRelocation(unreachable)).catch((error: Error) => error)
  if (relocation instanceof Error) {
    const why = asSentence(`The program’s folders can not be shown to sandboxes here: ${relocation.message}`)
    return withoutIsolation({ reasons: [why], fix: MOVE_FOLDERS }, unreachable)
  }
  const found = await findStrongest(options, relocation)
  if ('sandbox' in found) return found.sandbox
  relocation.close()
  const { why, fix } = explainFailure(found.failure, await readSysctls())
  const said = why ? `, because ${why} (${found.failure.replace(/\.$/, '')})` : `: ${found.failure}`
  const reason = asSentence(`bubblewrap can not make a sandbox here${said}`)
  return withoutIsolation({ reasons: [reason], fix }, unreachable)
}

/** What a program or the kernel said ends without a full stop, as a rule. */
const asSentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)

const MOVE_FOLDERS = 'Keep the program and its data in folders that every user may enter, then restart Headrace.'

async function findStrongest(options: SandboxOptions, relocation: Relocation): Promise<ProbeResult> {
  const cgroups = options.highestLevel === 'strict' ? await findCgroups() : { reason: 'Cgroups are switched off.' }
  const reasons = 'reason' in cgroups ? [`${cgroups.reason} Memory is watched by the server instead.`] : []
  if ('controller' in cgroups) {
    const strict = await probe(options, cgroups.controller, relocation, [])
    if ('sandbox' in strict) return strict
    await cgroups.controller.close()
    reasons.push(asSentence(`The sandbox does not start in a cgroup: ${strict.failure}`))
  }
  return probe(options, undefined, relocation, reasons)
}

function withoutIsolation(report: Omit<SandboxReport, 'level'>, unreachable: string[]): Sandbox {
  const reasons = unreachable.map((folder) => `The sandboxes’ user (${BUILD_UID}) can not enter ${folder}.`)
  return new Unsandboxed({ level: 'none', ...report, reasons: [...report.reasons, ...reasons] })
}

async function findMissing(searchPath = SEARCH_PATH): Promise<{ reasons: string[]; fix?: string } | undefined> {
  if (process.platform !== 'linux') {
    return {
      reasons: [`The sandbox needs Linux; this is ${process.platform}.`],
      fix: 'Run Headrace on Linux, for example in a virtual machine.',
    }
  }
  if (!seccompProgram(true)) {
    return { reasons: [`There is no table of system calls for the processor ${process.arch}.`] }
  }
  for (const [program, hint] of REQUIRED_PROGRAMS) {
    const found = await runCommand(
      { command: program, args: ['--version'], env: { PATH: searchPath } },
      PROBE_TIMEOUT_MS,
    )
    if (found.failure) return { reasons: [`The program ${program} is not installed.`], fix: hint }
  }
  return undefined
}

const REQUIRED_PROGRAMS = [
  ['bwrap', 'Install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap), then restart Headrace.'],
  ['prlimit', 'Install util-linux, then restart Headrace.'],
] as const

/** Of the program's folders, those that the workers' user can not enter. Root must show them elsewhere. */
async function findUnreachable(folders: string[]): Promise<string[]> {
  if (!isRoot()) return []
  const unreachable: string[] = []
  for (const folder of folders) {
    const args = ['-c', 'cd "$1"', 'sh', folder]
    const spec = { command: '/bin/sh', args, env: { PATH: SEARCH_PATH }, cwd: '/', ...sandboxIdentity() }
    const { code } = await runCommand(spec, PROBE_TIMEOUT_MS)
    if (code !== 0) unreachable.push(folder)
  }
  return unreachable
}

/** Starts the very sandbox that workers get and lets it say a word. */
async function probe(
  { harnessDir, runDir, searchPath }: SandboxOptions,
  cgroups: CgroupController | undefined,
  relocation: Relocation,
  reasons: string[],
): Promise<ProbeResult> {
  const report = { level: cgroups ? ('strict' as const) : ('standard' as const), reasons }
  const sandbox = new BubblewrapSandbox({ report, harnessDir, cgroups, relocation, searchPath })
  const runDirectory = await makePrivateFolder(path.join(runDir, 'probe-'))
  try {
    const started = await sandbox.start({
      argv: ['/bin/sh', '-c', `echo ${PROBE_WORD}`],
      workingDirectory: '/',
      environment: { PATH: '/usr/bin:/bin' },
      readOnly: [],
      writable: [],
      interpreterPath: '/usr/bin/sh',
      limits: WORKER_LIMITS,
      runDirectory,
    })
    const { said, exit } = await listen(started)
    if (said.stdout.includes(PROBE_WORD) && exit.code === 0) return { sandbox }
    return { failure: said.stderr.trim() || exit.failure || `it ended with ${exit.code ?? exit.signal}` }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  } finally {
    await rm(runDirectory, { recursive: true, force: true })
  }
}

type Said = { stdout: string; stderr: string }

async function listen(started: SandboxProcess): Promise<{ said: Said; exit: SandboxExit }> {
  const said: Said = { stdout: '', stderr: '' }
  started.stdin.end()
  started.stdout.on('data', (chunk: Buffer) => {
    said.stdout += chunk
  })
  started.stderr.on('data', (chunk: Buffer) => {
    said.stderr += chunk
  })
  const timer = setTimeout(() => started.kill(), PROBE_TIMEOUT_MS)
  const exit = await started.exited
  clearTimeout(timer)
  return { said, exit }
}
