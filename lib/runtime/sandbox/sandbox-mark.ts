import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

/** Its value begins with the server's process id. */
export const MARK_VARIABLE = 'HEADRACE_SANDBOX'

/**
 * Names one sandbox in the environment of the bubblewrap processes around it; no secret, it only says what to end.
 * bubblewrap's outer process takes the inner one with it only once that is fully set up: killed before, it leaves one
 * behind that waits for ever, or runs on.
 */
export type SandboxMark = { variables: Record<string, string>; killMarked: () => Promise<void> }

export function makeSandboxMark(): SandboxMark {
  const name = `${process.pid}-${randomBytes(12).toString('hex')}`
  return { variables: { [MARK_VARIABLE]: name }, killMarked: () => killProcessesWith(`${MARK_VARIABLE}=${name}`) }
}

/** The inner process is the first of its process namespace: everything inside ends with it. */
async function killProcessesWith(entry: string): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '') // gone, or not ours
      if (environment.split('\0').includes(entry)) killQuietly(Number(pid))
    }),
  )
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has just ended
  }
}
