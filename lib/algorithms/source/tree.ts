import * as git from 'isomorphic-git'
import { AppError, notFound } from '@/lib/errors'
import { MAX_FILES, MAX_TREE_BYTES } from './paths'
import type { Repository } from './repository'

/** A whole source tree: path to blob id. */
export type FlatTree = Map<string, string>

export type SourceFile = { path: string; sizeBytes: number; text: string; isBinary: boolean }

/** Reads which files a commit holds. Throws `not_found` for a commit that the repository does not have. */
export async function readTree(repository: Repository, commitSha: string): Promise<FlatTree> {
  const files: FlatTree = new Map()
  const addFolder = async (oid: string, prefix: string): Promise<void> => {
    const { tree } = await git.readTree({ ...repository, oid })
    for (const entry of tree) {
      if (entry.type === 'tree') await addFolder(entry.oid, `${prefix}${entry.path}/`)
      // Links and submodules, which only a push could bring, are left out: they could point anywhere.
      else if (entry.type === 'blob' && entry.mode !== '120000') files.set(`${prefix}${entry.path}`, entry.oid)
    }
  }
  try {
    await addFolder(commitSha, '')
  } catch (error) {
    if (error instanceof git.Errors.NotFoundError) throw notFound('commit', commitSha)
    throw error
  }
  return files
}

/** Writes a tree's folders, deepest first, and returns the id of its root. The blobs are there already. */
export async function writeTree(repository: Repository, files: FlatTree): Promise<string> {
  type Folder = { files: Map<string, string>; folders: Map<string, Folder> }
  const root: Folder = { files: new Map(), folders: new Map() }
  for (const [path, oid] of files) {
    const parts = path.split('/')
    const name = parts.pop() as string
    let folder = root
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { files: new Map(), folders: new Map() }
      folder.folders.set(part, next)
      folder = next
    }
    folder.files.set(name, oid)
  }
  const write = async (folder: Folder): Promise<string> => {
    const entries: git.TreeObject = []
    for (const [path, oid] of folder.files) entries.push({ mode: '100644', path, oid, type: 'blob' })
    for (const [path, child] of folder.folders) {
      entries.push({ mode: '040000', path, oid: await write(child), type: 'tree' })
    }
    return git.writeTree({ ...repository, tree: entries })
  }
  return write(root)
}

/** The bytes of every file of a commit, for a build. Throws `too_large` past the limits of a tree. */
export async function readFiles(repository: Repository, commitSha: string): Promise<Map<string, Uint8Array>> {
  const tree = await readTree(repository, commitSha)
  if (tree.size > MAX_FILES)
    throw new AppError('too_large', `The source has ${tree.size} files; ${MAX_FILES} are the limit.`)
  const files = new Map<string, Uint8Array>()
  let totalBytes = 0
  for (const [path, oid] of tree) {
    const { blob } = await git.readBlob({ ...repository, oid })
    totalBytes += blob.byteLength
    if (totalBytes > MAX_TREE_BYTES) {
      throw new AppError('too_large', `The source is larger than ${MAX_TREE_BYTES / 1024 / 1024} MiB in total.`)
    }
    files.set(path, blob)
  }
  return files
}

/** The files of a commit as the editor shows them, in the order of their paths. */
export async function readSourceFiles(repository: Repository, commitSha: string): Promise<SourceFile[]> {
  const files = await readFiles(repository, commitSha)
  return [...files].map(([path, bytes]) => describeFile(path, bytes)).sort((a, b) => (a.path < b.path ? -1 : 1))
}

function describeFile(path: string, bytes: Uint8Array): SourceFile {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    if (!text.includes('\0')) return { path, sizeBytes: bytes.byteLength, text, isBinary: false }
  } catch {
    // Not UTF-8: shown as binary.
  }
  return { path, sizeBytes: bytes.byteLength, text: '', isBinary: true }
}
