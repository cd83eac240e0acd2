import { buffer } from 'node:stream/consumers'
import type { Context } from '@/lib/context'
import { AppError } from '@/lib/errors'
import { openFile } from './files'
import type { FilePath } from './schema'

export const PREVIEW_BYTES = 64 * 1024

/** Types that every browser draws and that can not carry scripts. */
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

export type FilePreview =
  | { kind: 'empty' }
  | { kind: 'text'; text: string; isTruncated: boolean }
  | { kind: 'image'; contentType: string }
  | { kind: 'binary' }

export type PreviewedFile = Awaited<ReturnType<typeof previewFile>>

/** The start of a file for people to read: text when its bytes are text, else what it is. */
export async function previewFile(ctx: Context, path: FilePath) {
  const { file, body } = await openFile(ctx, path, ({ sizeBytes }) =>
    sizeBytes > PREVIEW_BYTES ? { start: 0, end: PREVIEW_BYTES - 1 } : undefined,
  )
  const { name, uri, sizeBytes, contentType, updatedAt } = file
  return { name, uri, sizeBytes, contentType, updatedAt, preview: describe(await buffer(body), contentType, sizeBytes) }
}

/** As `previewFile`, but what keeps a file from being shown comes back as a sentence: the page has more to show. */
export async function tryPreview(ctx: Context, path: FilePath): Promise<PreviewedFile | { problem: string }> {
  try {
    return await previewFile(ctx, path)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { problem: error.code === 'not_found' ? `${path.file} is not in this collection any more.` : error.message }
  }
}

/** Whether the console may show the file in place rather than offer it as a download only. */
export function isPreviewableImage(contentType: string): boolean {
  return IMAGE_TYPES.has(contentType)
}

function describe(start: Buffer, contentType: string, sizeBytes: number): FilePreview {
  if (sizeBytes === 0) return { kind: 'empty' }
  if (isPreviewableImage(contentType)) return { kind: 'image', contentType }
  const isTruncated = start.length < sizeBytes
  const text = decodeText(start, isTruncated)
  return text === null ? { kind: 'binary' } : { kind: 'text', text, isTruncated }
}

/** Null when the bytes are not UTF-8, or hold control characters that no text has. */
function decodeText(bytes: Buffer, isTruncated: boolean): string | null {
  try {
    // A streaming decoder leaves out a character that the cut has split.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isTruncated })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? null : text
  } catch {
    return null
  }
}
