import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { env } from '@/lib/env'
import { MAX_GIT_FILE_BLOCKS, MAX_GIT_MEMORY_KIB, MAX_PUSH_BYTES, TREE_LIMITS } from './limits'

/**
 * Settings of every Git process here. On the command line: nothing in a repository, or of the server's user, counts
 * more. Packs stay packed, so that a small push can not unfold into a large one; history only grows.
 */
const SETTINGS = [
  'safe.directory=*',
  'http.getanyfile=false',
  'http.uploadarchive=false',
  'transfer.fsckObjects=true',
  'transfer.unpackLimit=1',
  `receive.maxInputSize=${MAX_PUSH_BYTES}`,
  'receive.denyNonFastForwards=true',
  'receive.denyDeletes=true',
  'receive.autogc=false',
  'gc.auto=0',
  'pack.threads=1',
  'core.bigFileThreshold=1m',
]

let isThere: boolean | undefined

/** Whether this machine has Git. The console itself needs none; clone and push do. */
export function isGitInstalled(): boolean {
  isThere ??= spawnSync('git', ['--version'], { stdio: 'ignore' }).status === 0
  return isThere
}

/** Starts `git http-backend` with a request's CGI variables; input, output and errors are pipes. */
export function startHttpBackend(variables: Record<string, string>): ChildProcess {
  const hooks = path.join(env().HEADRACE_ROOT, 'lib/git/hooks')
  const settings = [...SETTINGS, `core.hooksPath=${hooks}`].flatMap((setting) => ['-c', setting])
  // Not every system knows each limit; the others hold.
  const limited = `ulimit -v ${MAX_GIT_MEMORY_KIB} 2>/dev/null; ulimit -f ${MAX_GIT_FILE_BLOCKS} 2>/dev/null; exec "$@"`
  return spawn('/bin/sh', ['-c', limited, 'sh', 'git', ...settings, 'http-backend'], {
    env: {
      PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_HTTP_EXPORT_ALL: '1',
      ...TREE_LIMITS,
      ...variables,
    } as unknown as NodeJS.ProcessEnv,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
}

/** Ends a Git process with those that it started. */
export function killGit(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended in the meantime.
  }
}
