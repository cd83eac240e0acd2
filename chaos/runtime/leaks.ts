import { readdirSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sandboxesOf } from '../frame/sandboxes'

/** What a process holds of the system. */
export type Holdings = { descriptors: number; children: number; cgroups: number; heapMb: number; residentMb: number }

const MB = 1024 * 1024

/** Counts what this process holds now, its garbage collected first. Linux only. */
export function countHoldings(): Holdings {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    children: new Set([...childrenOf(process.pid), ...sandboxesOf([process.pid])]).size,
    cgroups: cgroupFolders().length,
    heapMb: Math.round((heapUsed + external) / MB),
    residentMb: Math.round(rss / MB),
  }
}

/** Processes that this one started and that are still there. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return [] // it has just ended
  }
}

/** Kernel groups that this process made: one below its own folder for each worker. */
function cgroupFolders(): string[] {
  return ownCgroups().flatMap((folder) => {
    try {
      return readdirSync(`${folder}/headrace-${process.pid}`, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
    } catch {
      return []
    }
  })
}

function ownCgroups(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  return readFileSync('/proc/self/cgroup', 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, controllers = '', ...path] = line.split(':')
      const mount = mounts.find(([, , type, options = '']) =>
        controllers === '' ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes(controllers),
      )
      return mount ? [`${mount[1]}${path.join(':')}`, `${mount[1]}${path.join(':')}/..`] : []
    })
}
