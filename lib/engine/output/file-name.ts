import { createHash } from 'node:crypto'
import type { MessageKey } from '../recorder'

/** What file systems and archives can carry, as for every data file. */
const MAX_NAME_BYTES = 255
const HASH_DIGITS = 8
const FIELD = /<(messageId|sequenceNumber|date)>/g
/** A path's separators, control characters, and what some file systems refuse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be replaced
const UNSAFE = /[\u0000-\u001f\u007f/\\:*?"<>|]/g

/**
 * The name of a result's file: the template with `<messageId>`, `<sequenceNumber>` and `<date>` (UTC day on which the
 * message was enqueued) filled in. The same for each delivery of a message. What can not stand in a file's name becomes
 * `_`, and a name that was changed or cut so gets a hash of the original, so that two messages never share one by it.
 */
export function resultFileName(
  template: string,
  { messageId, sequenceNumber, enqueuedAt }: Omit<MessageKey, 'flowId'> & { messageId: string | null },
): string {
  const fields: Record<string, string> = {
    // Empty ids would all have the same name.
    messageId: messageId || String(sequenceNumber),
    sequenceNumber: String(sequenceNumber),
    date: enqueuedAt.toISOString().slice(0, 10),
  }
  const name = template.replace(FIELD, (_, field: string) => fields[field] ?? '')
  const safe = name.toWellFormed().replace(UNSAFE, '_').replace(/^\.+$/, '_')
  const isSame = safe === name && Buffer.byteLength(safe) <= MAX_NAME_BYTES
  return isSame ? name : withHash(safe, createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS))
}

/** Before the ending, which says what kind of file it is. */
function withHash(name: string, hash: string): string {
  const [, stem = '', ending = ''] = /^(.*?)(\.\w{1,16})?$/s.exec(name) ?? []
  const room = MAX_NAME_BYTES - Buffer.byteLength(ending) - hash.length - 1
  return `${cutBytes(stem, room)}-${hash}${ending}`
}

function cutBytes(text: string, maxBytes: number): string {
  // A streaming decoder leaves out a character that the cut has split.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, maxBytes), { stream: true })
}
