import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type * as RealFiles from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MIB, WORKER_LIMITS } from '../limits'
import { findCgroups } from './cgroup'

/**
 * A cgroup v2 tree faked on ordinary files, with the kernel's rules that the code depends on (Documentation/admin-guide/
 * cgroup-v2.rst): a new folder has the control files of its parent's subtree; other files can not be made; a folder with
 * processes hands no controllers on; one with children or processes can not be removed.
 */
const fake = vi.hoisted(() => ({ mount: '', own: '/', isWritable: true }))
const CONTROLLER_FILES: Record<string, string[]> = {
  memory: ['memory.max', 'memory.oom.group', 'memory.swap.max', 'memory.events', 'memory.stat'],
  pids: ['pids.max'],
  cpu: ['cpu.weight'],
}

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof RealFiles>()
  const failure = (code: string) => Object.assign(new Error(`${code}: the fake kernel says no`), { code })
  const isInside = (file: string) => fake.mount !== '' && file.startsWith(fake.mount)
  const listed = async (file: string) => (await real.readFile(file, 'utf8')).split(/\s+/).filter(Boolean)
  return {
    ...real,
    readFile: async (file: string, ...rest: [BufferEncoding]) => {
      if (file === '/proc/self/cgroup') return `0::${fake.own}\n`
      if (file === '/proc/self/mounts') return `cgroup2 ${fake.mount} cgroup2 rw 0 0\n`
      return real.readFile(file, ...rest)
    },
    mkdir: async (folder: string, options?: { recursive?: boolean }) => {
      if (!isInside(folder)) return real.mkdir(folder, options)
      if (!fake.isWritable) throw failure('EACCES')
      if (existsSync(folder)) {
        if (options?.recursive) return undefined
        throw failure('EEXIST')
      }
      const controllers = await listed(path.join(path.dirname(folder), 'cgroup.subtree_control'))
      await real.mkdir(folder)
      const files = [
        'cgroup.procs',
        'cgroup.subtree_control',
        ...controllers.flatMap((name) => CONTROLLER_FILES[name] ?? []),
      ]
      for (const name of files) await real.writeFile(path.join(folder, name), '')
      return undefined
    },
    writeFile: async (file: string, text: string) => {
      if (!isInside(file)) return real.writeFile(file, text)
      if (!existsSync(file)) throw failure('EACCES')
      const folder = path.dirname(file)
      if (path.basename(file) === 'cgroup.subtree_control') {
        if ((await listed(path.join(folder, 'cgroup.procs'))).length > 0) throw failure('EBUSY')
        return real.writeFile(file, text.replaceAll('+', ''))
      }
      if (path.basename(file) !== 'cgroup.procs') return real.writeFile(file, text)
      // A process is in one folder at a time: it leaves the one above.
      const above = path.join(folder, '..', 'cgroup.procs')
      if (existsSync(above)) await real.writeFile(above, (await listed(above)).filter((pid) => pid !== text).join('\n'))
      return real.appendFile(file, `${text}\n`)
    },
    rmdir: async (folder: string) => {
      if (!isInside(folder)) return real.rmdir(folder)
      if (!existsSync(folder)) throw failure('ENOENT')
      const entries = await real.readdir(folder, { withFileTypes: true })
      const hasChildren = entries.some((entry) => entry.isDirectory())
      if (hasChildren || (await listed(path.join(folder, 'cgroup.procs'))).length > 0) throw failure('EBUSY')
      return real.rm(folder, { recursive: true })
    },
  }
})

const real = await vi.importActual<typeof RealFiles>('node:fs/promises')

beforeEach(async () => {
  if (fake.mount) await real.rm(fake.mount, { recursive: true, force: true })
  Object.assign(fake, {
    mount: await real.mkdtemp(path.join(os.tmpdir(), 'headrace-cgroup-')),
    own: '/',
    isWritable: true,
  })
  await makeFolder('', [])
})
afterAll(() => real.rm(fake.mount, { recursive: true, force: true }))

describe('a cgroup of version 2 (on a faked tree)', () => {
  it('is made inside the own one when that was delegated: its processes move down first', async () => {
    fake.own = '/headrace.service'
    await makeFolder('headrace.service', ['17', String(process.pid)])
    await real.rm(path.join(fake.mount, 'cgroup.subtree_control'))
    const controller = await found()
    expect(readFileSync(inMount('headrace.service/main/cgroup.procs'), 'utf8')).toBe(`17\n${process.pid}\n`)
    const base = `headrace.service/headrace-${process.pid}`
    expect(readFileSync(inMount(`${base}/cgroup.subtree_control`), 'utf8')).toBe('memory pids cpu')
    await controller.close()
    expect(existsSync(inMount(base))).toBe(false)
  })

  it('is made beside the own one where the parent allows it', async () => {
    fake.own = '/app/main'
    await makeFolder('app', [])
    await real.writeFile(inMount('app/cgroup.subtree_control'), 'memory pids cpu')
    await makeFolder('app/main', [String(process.pid)])
    const controller = await found()
    expect(readdirSync(inMount('app'))).toContain(`headrace-${process.pid}`)
    expect(readFileSync(inMount('app/main/cgroup.procs'), 'utf8')).toBe(String(process.pid))
    await controller.close()
  })

  it('limits a worker, tells what it used and whether the kernel ended it, and is removed after it', async () => {
    fake.own = '/headrace.service'
    await makeFolder('headrace.service', [])
    await real.rm(path.join(fake.mount, 'cgroup.subtree_control'))
    const controller = await found()
    const group = await controller.create('w1', { ...WORKER_LIMITS, cpuShares: 256 })
    const folder = inMount(`headrace.service/headrace-${process.pid}/w1`)
    const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
    expect(['memory.max', 'memory.swap.max', 'memory.oom.group', 'pids.max', 'cpu.weight'].map(read)).toEqual([
      String(512 * MIB),
      '0',
      '1',
      '64',
      '25',
    ])
    expect(group.processFiles).toEqual([path.join(folder, 'cgroup.procs')])
    expect(await group.usedMemory()).toBeUndefined()
    await real.writeFile(path.join(folder, 'memory.stat'), `anon ${3 * MIB}\nfile ${90 * MIB}\nshmem ${MIB}\n`)
    expect(await group.usedMemory()).toBe(4 * MIB)
    await real.writeFile(path.join(folder, 'memory.events'), 'low 0\noom 2\noom_kill 0\n')
    expect(await group.wasOutOfMemory()).toBe(false)
    await real.writeFile(path.join(folder, 'memory.events'), 'low 0\noom 2\noom_kill 1\n')
    expect(await group.wasOutOfMemory()).toBe(true)
    await group.remove()
    expect(existsSync(folder)).toBe(false)
    await controller.close()
  })

  it('that a killed server left is removed by the next one', async () => {
    fake.own = '/headrace.service'
    await makeFolder('headrace.service', [])
    await real.rm(path.join(fake.mount, 'cgroup.subtree_control'))
    await makeFolder('headrace.service/headrace-999999999', [])
    await makeFolder('headrace.service/headrace-999999999/w1', [])
    const controller = await found()
    expect(readdirSync(inMount('headrace.service'))).not.toContain('headrace-999999999')
    await controller.close()
  })

  it('that may not be made is told with the reason', async () => {
    fake.own = '/headrace.service'
    await makeFolder('headrace.service', [])
    fake.isWritable = false
    expect(await findCgroups()).toEqual({ reason: expect.stringContaining('No cgroup may be created here (EACCES') })
  })
})

async function found() {
  const search = await findCgroups()
  if ('reason' in search) throw new Error(search.reason)
  expect(search.controller.version).toBe(2)
  return search.controller
}

function inMount(name: string): string {
  return path.join(fake.mount, name)
}

async function makeFolder(name: string, pids: string[]): Promise<void> {
  await real.mkdir(inMount(name), { recursive: true })
  await real.writeFile(path.join(inMount(name), 'cgroup.procs'), pids.join('\n'))
  await real.writeFile(path.join(inMount(name), 'cgroup.subtree_control'), '')
}
