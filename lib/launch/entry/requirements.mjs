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
  if (isAtLeast(version.split('.').map(Number), MINIMAL_NODE)) return
  throw new LaunchError(
    `Node.js ${version} is too old.`,
    `Headrace needs Node.js ${MINIMAL_NODE.join('.')} or later.`,
    'Install a newer Node.js (https://nodejs.org, or your version manager), then run the command again.',
  )
}

const PROGRAM_FOLDERS = ['/usr/bin', '/usr/local/bin', ...(process.env.PATH ?? '').split(path.delimiter)]

/** Algorithms are Python programs: without an interpreter none could be built. */
export function checkPython(folders = PROGRAM_FOLDERS) {
  const found = newestPython(folders)
  if (found && isAtLeast(found.version, MINIMAL_PYTHON)) return
  const old = found ? `${found.program} is Python ${found.version.join('.')}. ` : ''
  throw new LaunchError(
    'There is no usable Python 3.',
    `${old}Algorithms run on Python ${MINIMAL_PYTHON.join('.')} or later, found as python3.`,
    existsSync('/etc/debian_version')
      ? '`apt-get install -y python3 python3-venv` (as root), then run the command again.'
      : 'Install Python 3 (https://python.org, or your package manager), then run the command again.',
  )
}

/**
 * The first good `python3` in these folders, else any; asking one that is a version manager's shim takes long.
 * @param {string[]} folders
 * @returns {{ program: string, version: number[] } | undefined}
 */
function newestPython(folders) {
  let found
  for (const program of new Set(folders.map((folder) => path.join(folder, 'python3')))) {
    if (!isExecutable(program)) continue
    const version = pythonVersion(program)
    if (isAtLeast(version, MINIMAL_PYTHON)) return { program, version }
    if (version[0]) found ??= { program, version }
  }
  return found
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

function isAtLeast([major, minor], [wantedMajor, wantedMinor]) {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
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
