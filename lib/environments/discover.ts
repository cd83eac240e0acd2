import { readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { SECOND_MS } from '@/lib/runtime/limits'
import type { FoundEnvironment } from '@/lib/runtime/port'
import { type CommandResult, runCommand } from '@/lib/runtime/processes/spawn'
import { sandboxIdentity } from '@/lib/runtime/sandbox/worker-identity'

/** Folders that are searched besides those on PATH; their interpreters are preferred. */
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin']
const INTERPRETER_NAME = /^(python3(\.\d+)?|node|nodejs)$/
const OLDEST_PYTHON_MINOR = 7
const OLDEST_NODE_MAJOR = 18
/** An interpreter that takes longer than this to say its version is not usable. */
const VERSION_TIMEOUT_MS = 10_000

/** An interpreter that is there and can not be used, and why. */
export type PassedOver = { interpreterPath: string; why: string }
export type Discovery = { found: FoundEnvironment[]; passedOver: PassedOver[] }

type Candidate = { interpreterPath: string; language: FoundEnvironment['language'] }

/**
 * The language runtimes of this machine that a worker may execute, best first: those of the system before others,
 * newer before older, Python before Node. One for each `python3.X` and each major version of Node.
 */
export async function discoverEnvironments(searchPath?: string): Promise<FoundEnvironment[]> {
  return (await lookForEnvironments(searchPath)).found
}

/** The same, with the interpreters that are passed over. */
export async function lookForEnvironments(searchPath = process.env.PATH ?? ''): Promise<Discovery> {
  const looks = await Promise.all((await findCandidates(searchPath)).map(inspect))
  const passedOver = looks.filter((look) => 'why' in look)
  const byName = new Map<string, FoundEnvironment>()
  for (const environment of looks.filter((look) => 'name' in look).sort(compareEnvironments)) {
    const better = byName.get(environment.name)
    if (!better) byName.set(environment.name, environment)
    else {
      const { interpreterPath, displayName } = environment
      passedOver.push({ interpreterPath, why: `${displayName} is taken from ${better.interpreterPath}.` })
    }
  }
  return { found: [...byName.values()], passedOver }
}

async function findCandidates(searchPath: string): Promise<Candidate[]> {
  const folders = [...SYSTEM_FOLDERS, ...searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder))]
  const searched = await Promise.all([...new Set(folders)].map(withVersionsBehindShims))
  const candidates = new Map<string, Candidate>()
  for (const folder of new Set(searched.flat())) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (!INTERPRETER_NAME.test(name)) continue
      const interpreterPath = await realpath(path.join(folder, name)).catch(() => undefined)
      if (!interpreterPath) continue
      candidates.set(interpreterPath, { interpreterPath, language: name.startsWith('python') ? 'python' : 'node' })
    }
  }
  return [...candidates.values()]
}

/** pyenv's shims are scripts that choose a version; the interpreters themselves are under `versions`. */
async function withVersionsBehindShims(folder: string): Promise<string[]> {
  if (path.basename(folder) !== 'shims') return [folder]
  const versions = path.join(path.dirname(folder), 'versions')
  const names = await readdir(versions).catch(() => [])
  return names.map((name) => path.join(versions, name, 'bin'))
}

/** Asks the interpreter, as the user that workers run as: one that they can not execute does not count. */
async function inspect(candidate: Candidate): Promise<FoundEnvironment | PassedOver> {
  const args =
    candidate.language === 'python'
      ? ['-I', '-c', 'import sys, venv; print("%d.%d.%d" % sys.version_info[:3])']
      : ['-p', 'process.versions.node']
  const answer = await runCommand(
    { command: candidate.interpreterPath, args, env: { PATH: '/usr/bin:/bin' }, cwd: '/', ...sandboxIdentity() },
    VERSION_TIMEOUT_MS,
  )
  return describe(candidate, answer)
}

function describe({ interpreterPath, language }: Candidate, answer: CommandResult): FoundEnvironment | PassedOver {
  const version = /^(\d+)\.(\d+)\.\d+/.exec(answer.stdout.trim())
  if (answer.code !== 0 || !version) return { interpreterPath, why: whyUnusable(answer) }
  const [exactVersion, major, minor] = [version[0], Number(version[1]), Number(version[2])]
  if (language === 'python') {
    if (major !== 3 || minor < OLDEST_PYTHON_MINOR) {
      return {
        interpreterPath,
        why: `Python ${exactVersion} is too old: 3.${OLDEST_PYTHON_MINOR} is the oldest that runs.`,
      }
    }
    const displayName = `Python 3.${minor}`
    return { name: `python3${minor}`, displayName, language, interpreterPath, exactVersion }
  }
  if (major < OLDEST_NODE_MAJOR) {
    return { interpreterPath, why: `Node.js ${exactVersion} is too old: ${OLDEST_NODE_MAJOR} is the oldest that runs.` }
  }
  return { name: `node${major}`, displayName: `Node.js ${major}`, language, interpreterPath, exactVersion }
}

function whyUnusable({ code, stderr, failure }: CommandResult): string {
  if (failure) return 'Workers may not execute it: install it where every user may read it.'
  if (code === null) return `It did not say its version within ${VERSION_TIMEOUT_MS / SECOND_MS} seconds.`
  if (code === 0) return 'It did not say its version.'
  const said = stderr.trim().split('\n').at(-1)
  return `Run as a worker’s user it ended with exit code ${code}${said ? `: ${said}` : '.'}`
}

function compareEnvironments(a: FoundEnvironment, b: FoundEnvironment): number {
  if (a.language !== b.language) return a.language === 'python' ? -1 : 1
  const fromSystem = Number(isFromSystem(b)) - Number(isFromSystem(a))
  return fromSystem || b.exactVersion.localeCompare(a.exactVersion, 'en', { numeric: true })
}

function isFromSystem(environment: FoundEnvironment): boolean {
  return SYSTEM_FOLDERS.includes(path.dirname(environment.interpreterPath))
}
