import { type ChildProcess, spawn } from 'node:child_process'

/**
 * A shell that outlives us by a moment: when our end of its pipe closes, however we died, it waits for the processes
 * whose ids it was told and then stops Postgres. Closing the pipe is the one signal that `kill -9` also sends.
 */
const SCRIPT = `
while read -r pid; do others="$others $pid"; done
for pid in $others; do while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done; done
kill -INT "$1" 2>/dev/null`

/** Ends Postgres after this process; `endAfter(pid)` names a process that still needs the database. */
export type Watcher = { pid: number; endAfter(pid: number): void }

export function watchOver(postgresPid: number): Watcher {
  const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'headrace-postgres-watcher', String(postgresPid)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', () => {})
  shell.stdin?.on('error', () => {})
  shell.unref()
  const pipe = shell.stdin as unknown as { unref?(): void } | null
  pipe?.unref?.()
  return { pid: shell.pid ?? 0, endAfter: (pid) => shell.stdin?.write(`${pid}\n`) }
}
