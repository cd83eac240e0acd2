import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { storageFailure } from './failure'
import { fileSystemStorage } from './file-system'
import { newStorageKey } from './key'
import type { Storage } from './port'

let root: string
let storage: Storage

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'headrace-storage-'))
  storage = fileSystemStorage(root)
})

afterEach(() => rm(root, { recursive: true, force: true }))

describe('put and get', () => {
  it('gives back what was stored, with its size and SHA-256', async () => {
    const bytes = randomBytes(300_000)
    const key = newStorageKey()
    const stored = await storage.put(key, Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]))
    expect(stored).toEqual({ sizeBytes: 300_000, checksum: createHash('sha256').update(bytes).digest('hex') })
    expect(bytes.equals(await buffer(await storage.get(key)))).toBe(true)
  })

  it('keeps an empty object', async () => {
    const key = newStorageKey()
    expect((await storage.put(key, Buffer.alloc(0))).sizeBytes).toBe(0)
    expect(await buffer(await storage.get(key))).toHaveLength(0)
  })

  it('reads a part, the end included', async () => {
    const key = newStorageKey()
    await storage.put(key, Buffer.from('0123456789'))
    expect(String(await buffer(await storage.get(key, { start: 2, end: 4 })))).toBe('234')
  })

  it('says not_found for an object that is not there', async () => {
    await expect(storage.get(newStorageKey())).rejects.toMatchObject({ code: 'not_found' })
  })

  it('never overwrites', async () => {
    const key = newStorageKey()
    await storage.put(key, Buffer.from('first'))
    await expect(storage.put(key, Buffer.from('second'))).rejects.toThrow('already exists')
    expect(String(await buffer(await storage.get(key)))).toBe('first')
    expect(await filesBelow(root)).toHaveLength(1)
  })

  it.each(['../../etc/passwd', 'ab/../../etc/passwd', '/etc/passwd', 'ab', 'ab/x', 'AB/abcdef00', 'ab/abcdef00/..'])(
    'refuses the key %s',
    (key) => {
      expect(() => storage.get(key)).toThrow('not a storage key')
      expect(() => storage.put(key, Buffer.from('x'))).toThrow('not a storage key')
    },
  )
})

describe('a body that ends early', () => {
  it('leaves nothing when it fails', async () => {
    const body = new PassThrough()
    const key = newStorageKey()
    const writing = storage.put(key, body)
    body.write(randomBytes(200_000))
    await untilPartial(root)
    body.destroy(new Error('the client went away'))
    await expect(writing).rejects.toThrow('the client went away')
    expect(await filesBelow(root)).toEqual([])
    await expect(storage.get(key)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('leaves nothing when it is cut without an error', async () => {
    const body = new PassThrough()
    const writing = storage.put(newStorageKey(), body)
    body.write('half')
    await untilPartial(root)
    body.destroy()
    await expect(writing).rejects.toThrow(/premature/i)
    expect(await filesBelow(root)).toEqual([])
  })

  it('is not seen by readers or listings while it comes', async () => {
    const body = new PassThrough()
    const key = newStorageKey()
    const writing = storage.put(key, body)
    body.write('half')
    await untilPartial(root)
    await expect(storage.get(key)).rejects.toMatchObject({ code: 'not_found' })
    expect(await keysOf(storage)).toEqual([])
    body.end(' and whole')
    await writing
    expect(await keysOf(storage)).toEqual([key])
    expect(String(await buffer(await storage.get(key)))).toBe('half and whole')
  })
})

describe('delete', () => {
  it('is quiet when there is nothing', async () => {
    await storage.delete(newStorageKey())
  })

  it('lets an open reader finish', async () => {
    const key = newStorageKey()
    const bytes = randomBytes(500_000)
    await storage.put(key, bytes)
    const reader = await storage.get(key)
    await storage.delete(key)
    expect(bytes.equals(await buffer(reader))).toBe(true)
    await expect(storage.get(key)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('and put at once leave each object whole or gone', async () => {
    const keys = Array.from({ length: 40 }, newStorageKey)
    const bytes = randomBytes(100_000)
    const outcomes = keys.map(async (key, index) => {
      const writing = storage.put(key, Readable.from([bytes]))
      if (index % 2) await storage.delete(key)
      await writing
    })
    await Promise.all(outcomes)
    for (const key of await keysOf(storage)) {
      expect(bytes.equals(await buffer(await storage.get(key)))).toBe(true)
    }
    const left = await filesBelow(root)
    expect(left.every((name) => !name.includes('partial'))).toBe(true)
    for (const key of keys.filter((_, index) => index % 2 === 0)) expect(left).toContain(key)
  })
})

describe('list and removePartials', () => {
  it('list objects of every folder with the time when they were stored', async () => {
    const keys = Array.from({ length: 20 }, newStorageKey)
    for (const key of keys) await storage.put(key, Buffer.from(key))
    expect((await keysOf(storage)).sort()).toEqual(keys.sort())
    for await (const { storedAt } of storage.list()) expect(Date.now() - storedAt.getTime()).toBeLessThan(60_000)
  })

  it('are empty before anything was stored', async () => {
    const unused = fileSystemStorage(join(root, 'not-made-yet'))
    expect(await keysOf(unused)).toEqual([])
    expect(await unused.removePartials(new Date())).toBe(0)
  })

  it('remove what a killed writer left, and only that', async () => {
    const key = newStorageKey()
    await storage.put(key, Buffer.from('kept'))
    const folder = dirname(join(root, key))
    const longAgo = new Date(Date.now() - 3_600_000)
    await writeFile(join(folder, '.partial-left'), 'half')
    await utimes(join(folder, '.partial-left'), longAgo, longAgo)
    await writeFile(join(folder, '.partial-in-work'), 'half')
    expect(await storage.removePartials(new Date(Date.now() - 60_000))).toBe(1)
    expect((await readdir(folder)).sort()).toEqual(['.partial-in-work', key.slice(3)].sort())
  })
})

describe('failures of the disk', () => {
  it('are told in words', async () => {
    const full = await writeFile('/dev/full', 'x').catch(storageFailure)
    expect(full).toBeInstanceOf(AppError)
    expect(full).toMatchObject({ code: 'unavailable', message: expect.stringContaining('disk') })
  })

  it('make check fail when the folder can not be made', async () => {
    await writeFile(join(root, 'a-file'), '')
    await expect(fileSystemStorage(join(root, 'a-file', 'below')).check()).rejects.toThrow()
    await storage.check()
    expect(await filesBelow(root)).toEqual(['a-file'])
  })
})

async function keysOf(from: Storage): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of from.list()) keys.push(key)
  return keys
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
}

/** Waits until a write has begun. */
async function untilPartial(path: string): Promise<void> {
  await expect.poll(async () => (await filesBelow(path)).some((name) => name.includes('.partial-'))).toBe(true)
}
