import { createHash, randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { AppError } from '@/lib/errors'
import { errorCode, storageFailure } from './failure'
import { KEY_PATTERN, type ListedObject, type Storage, type StoredObject } from './port'

/** Names of files that are still being written begin so; no key does. */
const PARTIAL_PREFIX = '.partial-'
const FOLDER_NAME = /^[0-9a-f]{2}$/

/** Objects as files below `root`, which is made when it is first needed. */
export function fileSystemStorage(root: string): Storage {
  return {
    put: (key, body) => putObject(pathOf(root, key), body),
    get: (key, range) => openObject(pathOf(root, key), range),
    delete: (key) => rm(pathOf(root, key), { force: true }),
    list: () => listObjects(root),
    removePartials: (olderThan) => removePartials(root, olderThan),
    check: () => checkWritable(root),
  }
}

function pathOf(root: string, key: string): string {
  if (!KEY_PATTERN.test(key)) throw new Error(`not a storage key: ${JSON.stringify(key)}`)
  return join(root, key)
}

/** Both the file and its name are on disk when this returns. */
async function putObject(path: string, body: Readable | Uint8Array): Promise<StoredObject> {
  try {
    const stored = await (body instanceof Uint8Array ? putBytes(path, body) : putStream(path, body))
    await syncFolder(dirname(path))
    return stored
  } catch (error) {
    throw storageFailure(error)
  }
}

/** Nobody knows the key before this is over: bytes that are in hand can be written in place. */
async function putBytes(path: string, bytes: Uint8Array): Promise<StoredObject> {
  const file = await openNew(path)
  try {
    return await writeDurably(file, bytes)
  } catch (error) {
    await removeHalf(path)
    throw error
  }
}

/** A body may take hours, or end in mid-way. The temporary file is in the same folder, so that the rename is atomic. */
async function putStream(path: string, body: Readable): Promise<StoredObject> {
  const partial = join(dirname(path), `${PARTIAL_PREFIX}${randomUUID()}`)
  try {
    const stored = await writeDurably(await openNew(partial), body)
    if (await exists(path)) throw new Error(`object ${basename(path)} already exists`)
    await rename(partial, path)
    return stored
  } catch (error) {
    await removeHalf(partial)
    throw error
  }
}

/** What failed is what counts; a half that stays is removed by the sweeper. */
async function removeHalf(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {})
}

/** Makes the folder when it is not there, which is seldom. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    await mkdir(dirname(path), { recursive: true })
    return open(path, 'wx')
  }
}

async function writeDurably(file: FileHandle, body: Readable | Uint8Array): Promise<StoredObject> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    for await (const chunk of chunksOf(body)) {
      hash.update(chunk)
      sizeBytes += chunk.length
      await writeAll(file, chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sizeBytes, checksum: hash.digest('hex') }
}

async function* chunksOf(body: Readable | Uint8Array): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    yield body
    return
  }
  for await (const chunk of body) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let offset = 0
  while (offset < chunk.length) {
    const { bytesWritten } = await file.write(chunk, offset)
    offset += bytesWritten
  }
}

/** Without this a power cut may forget the rename although the bytes are there. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function openObject(path: string, range?: { start: number; end: number }): Promise<Readable> {
  try {
    const file = await open(path, 'r')
    return file.createReadStream(range ? { start: range.start, end: range.end } : {})
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new AppError('not_found', 'The contents of this file are gone.')
    throw storageFailure(error)
  }
}

async function* listObjects(root: string): AsyncGenerator<ListedObject> {
  for await (const { folder, entry } of entries(root)) {
    const key = `${folder}/${entry.name}`
    if (!KEY_PATTERN.test(key)) continue
    const found = await statOrNull(join(root, key))
    if (found) yield { key, storedAt: found.mtime }
  }
}

async function removePartials(root: string, olderThan: Date): Promise<number> {
  let removed = 0
  for await (const { folder, entry } of entries(root)) {
    if (!entry.name.startsWith(PARTIAL_PREFIX)) continue
    const path = join(root, folder, entry.name)
    const found = await statOrNull(path)
    if (!found || found.mtime >= olderThan) continue
    await rm(path, { force: true })
    removed++
  }
  return removed
}

async function* entries(root: string): AsyncGenerator<{ folder: string; entry: Dirent }> {
  for (const folder of await readFolder(root)) {
    if (!folder.isDirectory() || !FOLDER_NAME.test(folder.name)) continue
    for (const entry of await readFolder(join(root, folder.name))) {
      if (entry.isFile()) yield { folder: folder.name, entry }
    }
  }
}

async function readFolder(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw storageFailure(error)
  }
}

async function checkWritable(root: string): Promise<void> {
  const probe = join(root, `${PARTIAL_PREFIX}check-${randomUUID()}`)
  try {
    await writeDurably(await openNew(probe), Buffer.from('check'))
  } catch (error) {
    throw storageFailure(error)
  } finally {
    await rm(probe, { force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function statOrNull(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw storageFailure(error)
  }
}
