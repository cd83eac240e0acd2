import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claimBySocket } from './directory-socket'

/** Two brokers that append to one journal would destroy it. */
export class DirectoryInUseError extends Error {}

const LOCK = 'broker.lock'

/**
 * Claims a data directory for this process until it exits. Throws `DirectoryInUseError` when a living broker has it.
 * The number of a process means nothing in another container that has the same folder; a socket does, but not every
 * file system has sockets: so both are asked.
 */
export async function lockDirectory(directory: string): Promise<void> {
  const path = join(directory, LOCK)
  const owner = readOwner(path)
  if (owner && owner.pid !== process.pid && startTicks(owner.pid) === owner.startTicks && isAlive(owner.pid)) {
    throw inUse(directory, `a broker that runs as process ${owner.pid}`)
  }
  if (!(await claimBySocket(directory))) {
    throw inUse(directory, 'a broker that has just been started, or that runs in another container')
  }
  writeFileSync(path, JSON.stringify({ pid: process.pid, startTicks: startTicks(process.pid) }))
  process.on('exit', () => rmSync(path, { force: true }))
}

function inUse(directory: string, owner: string): DirectoryInUseError {
  return new DirectoryInUseError(`${directory} is used by ${owner}. Stop it, or choose another directory with --data.`)
}

function readOwner(path: string): { pid: number; startTicks: string | null } | undefined {
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, so that a reused process id is not taken for the old owner. Null where there is no /proc. */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
