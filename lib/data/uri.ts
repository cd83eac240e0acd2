import { AppError } from '@/lib/errors'

/** Longest name of a file, in bytes of UTF-8: what file systems and archives can carry. */
const MAX_FILE_NAME_BYTES = 255
export const MAX_COLLECTION_NAME_LENGTH = 30
export const COLLECTION_NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/
/** Stands for the caller's own account in a path. */
export const OWN_ACCOUNT = '.my'

const ACCOUNT_NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/
const DATA_SCHEME = /^data:(\/\/)?/i

/** What a data URI names. `owner` is an account's name, or `.my` for the caller's own. */
export type DataPath =
  | { kind: 'root' }
  | { kind: 'owner'; owner: string }
  | { kind: 'collection'; owner: string; collection: string }
  | { kind: 'file'; owner: string; collection: string; file: string }

/**
 * Parses `data://OWNER/COLLECTION/FILE` and its shorter forms, as clients write them: the scheme may be missing, a
 * slash may lead or trail. Throws `invalid_input` for a name that could mean anything but itself.
 */
export function parseDataUri(text: string): DataPath {
  const path = text.replace(DATA_SCHEME, '').replace(/^\/+|\/+$/g, '')
  if (path === '') return { kind: 'root' }
  const [owner = '', collection, file, ...rest] = path.split('/')
  if (rest.length > 0) {
    throw malformed(`${text} has too many parts: collections have no folders, write data://OWNER/COLLECTION/FILE.`)
  }
  checkOwner(owner)
  if (collection === undefined) return { kind: 'owner', owner }
  checkCollectionName(collection)
  if (file === undefined) return { kind: 'collection', owner, collection }
  checkFileName(file)
  return { kind: 'file', owner, collection, file }
}

/** `data://OWNER/COLLECTION[/FILE]`. */
export function formatDataUri(owner: string, collection?: string, file?: string): string {
  return `data://${[owner, collection, file].filter((part) => part !== undefined).join('/')}`
}

/** Throws `invalid_input` unless `name` can be a collection's name. */
export function checkCollectionName(name: string): void {
  const problem = collectionNameProblem(name)
  if (problem) throw malformed(problem, 'name')
}

/** What is wrong with a collection's name, or undefined. */
export function collectionNameProblem(name: string): string | undefined {
  if (name === '') return 'Give the collection a name.'
  if (name.length > MAX_COLLECTION_NAME_LENGTH) {
    return `A collection's name has at most ${MAX_COLLECTION_NAME_LENGTH} characters.`
  }
  if (COLLECTION_NAME.test(name)) return undefined
  return `A collection's name has letters, digits and _ and begins with a letter; ${JSON.stringify(name)} does not.`
}

/** Throws `invalid_input` unless `name` can be a file's name: one plain path part. */
export function checkFileName(name: string): void {
  const problem = fileNameProblem(name)
  if (problem) throw malformed(problem, 'file')
}

/** What is wrong with a file's name, or undefined. */
export function fileNameProblem(name: string): string | undefined {
  if (name === '') return 'Give the file a name.'
  if (name === '.' || name === '..') return `A file can not be called ${name}: that names a folder.`
  if (name.includes('/')) return `A file's name has no slash; collections have no folders.`
  if (name.includes('\0')) return `A file's name has no NUL character.`
  if (!name.isWellFormed()) return `A file's name is valid Unicode.`
  const bytes = new TextEncoder().encode(name).length
  if (bytes <= MAX_FILE_NAME_BYTES) return undefined
  return `A file's name has at most ${MAX_FILE_NAME_BYTES} bytes; this one has ${bytes}.`
}

function checkOwner(owner: string): void {
  if (owner === OWN_ACCOUNT || ACCOUNT_NAME.test(owner)) return
  throw malformed(
    `${JSON.stringify(owner)} is no account's name; a data path is data://OWNER/COLLECTION/FILE.`,
    'owner',
  )
}

function malformed(message: string, field?: string): AppError {
  return new AppError('invalid_input', message, field ? { fields: { [field]: message } } : {})
}
