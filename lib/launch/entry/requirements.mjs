import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import path from 'node:path'
import { LaunchError } from './launch-error.mjs'

const MINIMAL_NODE = [20, 9]
const MINIMAL_PYTHON = [3, 8]
const MEGABYTE = 1024 * 1024
/** node_modules and a build take about 1.5 GB, a running system with little data 200 MB. */
const INSTALL_MEGABYTES = 2_000
const RUN_MEGABYTES = 200

export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number)
  if (major > MINIMAL_NODE[0] || (major === MINIMAL_NODE[0] && minor >= MINIMAL_NODE[1])) return
  throw new LaunchError(
    `Node.js ${version} is too old.`,
    `Headrace needs Node.js ${MINIMAL_NODE.join('.')} or later.`,
    'Install a newer Node.js (https://nodejs.org, or your version manager), then run the command again.',
  )
}

/** Algorithms are Python programs: without an interpreter none could be built. */
export function checkPython(searchPath = process.env.PATH ?? '') {
  const folders = ['/usr/bin', '/usr/local/bin', ...searchPath.split(path.delimiter)]
  let newest = ''
  for (const program of new Set(folders.map((folder) => path.join(folder, 'python3')))) {
    if (!isExecutable(program)) continue
    const [major, minor] = pythonVersion(program)
    if (major > MINIMAL_PYTHON[0] || (major === MINIMAL_PYTHON[0] && minor >= MINIMAL_PYTHON[1])) return
    if (major) newest = `${program} is Python ${major}.${minor}. `
  }
  throw new LaunchError(
    'There is no usable Python 3.',
    `${newest}Algorithms run on Python ${MINIMAL_PYTHON.join('.')} or later, found as python3.`,
    existsSync('/etc/debian_version')
      ? '`apt-get install -y python3 python3-venv` (as root), then run the command again.'
      : 'Install Python 3 (https://python.org, or your package manager), then run the command again.',
  )
}

/** @param {{ folder: string, isInstalling: boolean }} options */
export function checkDisk({ folder, isInstalling }) {
  const needed = isInstalling ? INSTALL_MEGABYTES : RUN_MEGABYTES
  const { bavail, bsize } = statfsSync(folder)
  const free = Math.floor((bavail * bsize) / MEGABYTE)
  if (free >= needed) return
  throw new LaunchError(
    'The disk is nearly full.',
    `${folder} has ${free} MB left; this start needs about ${needed} MB.`,
    'Free some space, then run the command again.',
  )
}

function pythonVersion(program) {
  const { stdout } = spawnSync(program, ['-c', 'import sys; print(*sys.version_info[:2])'], { encoding: 'utf8' })
  return (stdout ?? '').trim().split(' ').map(Number)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
