import { Readable } from 'node:stream'
import type { Context } from '@/lib/context'
import { openFile } from './files'
import { isPreviewableImage } from './preview'
import type { FilePath } from './schema'

type Range = { start: number; end: number }

/**
 * A file as an HTTP response, streamed; one range is honoured. A stored file is somebody's bytes: a browser must not
 * guess another type for them, and must not run them.
 */
export async function fileResponse(ctx: Context, path: FilePath, request: Request): Promise<Response> {
  let isUnsatisfiable = false
  const { file, range, body } = await openFile(ctx, path, ({ sizeBytes }) => {
    const wanted = parseRange(request.headers.get('range'), sizeBytes)
    isUnsatisfiable = wanted === 'unsatisfiable'
    return wanted === 'unsatisfiable' ? undefined : wanted
  })
  const headers = new Headers({
    'Accept-Ranges': 'bytes',
    'Content-Security-Policy': "sandbox; default-src 'none'",
    ETag: `"${file.checksum}"`,
    'Last-Modified': file.updatedAt.toUTCString(),
    'X-Content-Type-Options': 'nosniff',
  })
  if (isUnsatisfiable) {
    body.destroy()
    headers.set('Content-Range', `bytes */${file.sizeBytes}`)
    return new Response(null, { status: 416, headers })
  }
  headers.set('Content-Type', file.contentType)
  headers.set('Content-Length', String(range ? range.end - range.start + 1 : file.sizeBytes))
  if (range) headers.set('Content-Range', `bytes ${range.start}-${range.end}/${file.sizeBytes}`)
  return new Response(Readable.toWeb(body) as ReadableStream, { status: range ? 206 : 200, headers })
}

/** A file for a browser to save; with `?inline` an image that can not do harm is shown in place. */
export async function downloadResponse(ctx: Context, path: FilePath, request: Request): Promise<Response> {
  const response = await fileResponse(ctx, path, request)
  const isInline =
    new URL(request.url).searchParams.has('inline') && isPreviewableImage(response.headers.get('content-type') ?? '')
  const encodedName = encodeURIComponent(path.file).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  response.headers.set('Content-Disposition', `${isInline ? 'inline' : 'attachment'}; filename*=UTF-8''${encodedName}`)
  response.headers.set('Cache-Control', 'private, no-cache')
  return response
}

/** `bytes=a-b`, `bytes=a-` and `bytes=-n` of RFC 9110; anything else asks for the whole file. */
export function parseRange(header: string | null, sizeBytes: number): Range | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [first, last] = [match[1] ?? '', match[2] ?? '']
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first)
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  return start >= sizeBytes || start > end ? 'unsatisfiable' : { start, end }
}
