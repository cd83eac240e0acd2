const BY_ENDING: Record<string, string> = {
  avif: 'image/avif',
  bin: 'application/octet-stream',
  csv: 'text/csv',
  gif: 'image/gif',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  log: 'text/plain',
  md: 'text/markdown',
  pdf: 'application/pdf',
  png: 'image/png',
  py: 'text/x-python',
  svg: 'image/svg+xml',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  webp: 'image/webp',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  zip: 'application/zip',
}

const UNKNOWN = 'application/octet-stream'
/** What HTTP clients send when nobody told them the type. */
const SAYS_NOTHING = new Set(['', UNKNOWN, 'application/x-www-form-urlencoded', 'binary/octet-stream'])
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;\s*[\w-]+=("[^"\\\r\n]*"|[\w!#$&^.+-]+))*$/
const MAX_LENGTH = 200

/** A file's type: what the sender declared when that means something, else by the name's ending. */
export function guessContentType(fileName: string, declared = ''): string {
  const type = declared.trim()
  const bare = type.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!SAYS_NOTHING.has(bare) && type.length <= MAX_LENGTH && MEDIA_TYPE.test(type)) return type
  const ending = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase()
  return BY_ENDING[ending] ?? UNKNOWN
}
