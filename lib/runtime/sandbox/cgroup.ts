import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { SandboxLimits } from '../limits'
import { isAlive } from '../processes/is-alive'

/** A kernel group that limits one sandbox: all of its processes together, and memory that belongs to none of them. */
export type Cgroup = {
  /** The process writes its id into each of these before it becomes the sandbox. */
  processFiles: string[]
  /** Whether the kernel killed something inside for going over the memory limit. */
  wasOutOfMemory(): Promise<boolean>
  /** Bytes of its processes' own memory and of files in memory; undefined when it can not be read. */
  usedMemory(): Promise<number | undefined>
  /** Removes the group once its processes have ended. */
  remove(): Promise<void>
}

export type CgroupController = {
  version: 1 | 2
  create(name: string, limits: SandboxLimits): Promise<Cgroup>
  close(): Promise<void>
}

type CgroupSearch = { controller: CgroupController } | { reason: string }

const FOLDER_PREFIX = 'headrace-'
/** The kernel needs a moment after the last process: tries of `rmdir`, and the wait between them. */
const REMOVE_TRIES = 50
const REMOVE_PAUSE_MS = 20
const CONTROLLERS_V1 = ['memory', 'pids', 'cpu'] as const

/** Makes a group of our own below the process's own cgroup, if the host lets us. */
export async function findCgroups(): Promise<CgroupSearch> {
  const [own, mounts] = await Promise.all([readText('/proc/self/cgroup'), readText('/proc/self/mounts')])
  if (!own || !mounts) return { reason: 'This system has no cgroups.' }
  try {
    return { controller: await openV1(own, mounts) }
  } catch (errorV1) {
    try {
      return { controller: await openV2(own, mounts) }
    } catch (errorV2) {
      return { reason: `No cgroup may be created here (${messageOf(errorV2)}; ${messageOf(errorV1)}).` }
    }
  }
}

// --- version 1: one tree a controller; root only, as a rule

async function openV1(own: string, mounts: string): Promise<CgroupController> {
  const bases: Record<string, string> = {}
  for (const controller of CONTROLLERS_V1) {
    const mount = findMount(mounts, (type, options) => type === 'cgroup' && options.includes(controller))
    const ownPath = ownPathOf(own, (controllers) => controllers.includes(controller))
    if (!mount || ownPath === undefined) throw new Error(`there is no ${controller} controller of version 1`)
    bases[controller] = path.join(mount, ownPath, `${FOLDER_PREFIX}${process.pid}`)
  }
  const folders = CONTROLLERS_V1.map((controller) => bases[controller] as string)
  for (const folder of folders) {
    await removeStale(path.dirname(folder))
    await mkdir(folder, { recursive: true })
  }
  return {
    version: 1,
    create: (name, limits) => createV1(folders, name, limits),
    close: async () => {
      for (const folder of folders) await removeFolder(folder)
    },
  }
}

async function createV1(bases: string[], name: string, limits: SandboxLimits): Promise<Cgroup> {
  const [memory, pids, cpu] = bases.map((base) => path.join(base, name)) as [string, string, string]
  const folders = [memory, pids, cpu]
  const processFiles = await makeWhole(folders, async () => {
    await Promise.all([
      writeFile(path.join(memory, 'memory.limit_in_bytes'), String(limits.memoryBytes)),
      writeFile(path.join(pids, 'pids.max'), String(limits.processes)),
      writeFile(path.join(cpu, 'cpu.shares'), String(limits.cpuShares)),
    ])
    return processFilesOf(folders)
  })
  return {
    processFiles,
    wasOutOfMemory: async () =>
      /^oom_kill [1-9]/m.test((await readText(path.join(memory, 'memory.oom_control'))) ?? ''),
    usedMemory: () => sumOfStat(path.join(memory, 'memory.stat'), ['total_rss', 'total_shmem']),
    remove: async () => {
      for (const folder of folders) await removeFolder(folder)
    },
  }
}

// --- version 2: one tree; the folder must be ours (systemd: Delegate=yes) or our parent's

async function openV2(own: string, mounts: string): Promise<CgroupController> {
  const mount = findMount(mounts, (type) => type === 'cgroup2')
  const ownPath = ownPathOf(own, (controllers) => controllers.length === 1 && controllers[0] === '')
  if (!mount || ownPath === undefined) throw new Error('there is no cgroup of version 2')
  const ownFolder = path.join(/*turbopackIgnore: true*/ mount, ownPath)
  const base = await firstUsable([() => besideOwn(mount, ownFolder), () => insideOwn(ownFolder)])
  return {
    version: 2,
    create: (name, limits) => createV2(base, name, limits),
    close: () => removeFolder(base),
  }
}

/** A sibling of our own cgroup: a folder without processes may hand controllers on. */
async function besideOwn(mount: string, ownFolder: string): Promise<string> {
  if (ownFolder === mount) throw new Error('the server is in the root cgroup')
  return openBaseV2(path.join(path.dirname(ownFolder), `${FOLDER_PREFIX}${process.pid}`))
}

/** Our own cgroup, delegated to us: its processes must move down before it may hand controllers on. */
async function insideOwn(ownFolder: string): Promise<string> {
  const main = path.join(ownFolder, 'main')
  await mkdir(main, { recursive: true })
  const processes = ((await readText(path.join(ownFolder, 'cgroup.procs'))) ?? '').split('\n').filter(Boolean)
  for (const pid of processes) await writeFile(path.join(main, 'cgroup.procs'), pid).catch(() => undefined)
  await writeFile(path.join(ownFolder, 'cgroup.subtree_control'), '+memory +pids +cpu')
  return openBaseV2(path.join(ownFolder, `${FOLDER_PREFIX}${process.pid}`))
}

async function openBaseV2(base: string): Promise<string> {
  await removeStale(path.dirname(base))
  await mkdir(base, { recursive: true })
  try {
    await writeFile(path.join(base, 'cgroup.subtree_control'), '+memory +pids +cpu')
    return base
  } catch (error) {
    await removeFolder(base)
    throw error
  }
}

async function createV2(base: string, name: string, limits: SandboxLimits): Promise<Cgroup> {
  const folder = path.join(base, name)
  const set = (file: string, value: string) => writeFile(path.join(folder, file), value)
  const processFiles = await makeWhole([folder], async () => {
    await set('memory.max', String(limits.memoryBytes))
    await set('pids.max', String(limits.processes))
    await set('memory.oom.group', '1')
    await set('memory.swap.max', '0').catch(() => undefined)
    // Weights run from 1 to 10000 around 100, shares around 1024.
    await set('cpu.weight', String(Math.max(1, Math.round((limits.cpuShares * 100) / 1024))))
    return processFilesOf([folder])
  })
  return {
    processFiles,
    wasOutOfMemory: async () => /^oom_kill [1-9]/m.test((await readText(path.join(folder, 'memory.events'))) ?? ''),
    usedMemory: () => sumOfStat(path.join(folder, 'memory.stat'), ['anon', 'shmem']),
    remove: () => removeFolder(folder),
  }
}

// --- both

/** Makes the folders and fills them in; when that fails nothing of them is left. */
async function makeWhole<T>(folders: string[], fillIn: () => Promise<T>): Promise<T> {
  try {
    for (const folder of folders) await mkdir(folder)
    return await fillIn()
  } catch (error) {
    for (const folder of folders) await removeFolder(folder)
    throw error
  }
}

const processFilesOf = (folders: string[]) => folders.map((folder) => path.join(folder, 'cgroup.procs'))

/** The sum of some lines of a `memory.stat`. Cached files are left out: the kernel frees them when it must. */
async function sumOfStat(file: string, names: string[]): Promise<number | undefined> {
  const text = await readText(file)
  const lines = text?.split('\n').map((line) => line.split(' ')) ?? []
  const found = lines.filter(([name = '']) => names.includes(name))
  return found.length > 0 ? found.reduce((sum, [, bytes]) => sum + Number(bytes), 0) : undefined
}

function findMount(mounts: string, matches: (type: string, options: string[]) => boolean): string | undefined {
  for (const line of mounts.split('\n')) {
    const [, folder, type = '', options = ''] = line.split(' ')
    if (matches(type, options.split(','))) return folder
  }
  return undefined
}

function ownPathOf(own: string, matches: (controllers: string[]) => boolean): string | undefined {
  for (const line of own.split('\n')) {
    const [, controllers, ...rest] = line.split(':')
    if (controllers !== undefined && matches(controllers.split(','))) return rest.join(':')
  }
  return undefined
}

/** Groups of servers that were killed: their folders are empty and named after a process that is gone. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = name.startsWith(FOLDER_PREFIX) ? Number(name.slice(FOLDER_PREFIX.length)) : Number.NaN
    if (!Number.isInteger(pid) || isAlive(pid)) continue
    const stale = path.join(parent, name)
    for (const child of await readdir(stale, { withFileTypes: true }).catch(() => [])) {
      if (child.isDirectory()) await rmdir(path.join(stale, child.name)).catch(() => undefined)
    }
    await rmdir(stale).catch(() => undefined)
  }
}

async function removeFolder(folder: string): Promise<void> {
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    const error = await rmdir(folder).then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    )
    if (!error || error.code === 'ENOENT') return
    await new Promise((resolve) => setTimeout(resolve, REMOVE_PAUSE_MS))
  }
}

async function firstUsable<T>(choices: Array<() => Promise<T>>): Promise<T> {
  let failure: unknown
  for (const choice of choices) {
    try {
      return await choice()
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
