import type { BrowsedMessage } from './broker/port'
import type { MessageFilter } from './schema'

/** How much of a body is looked through for a text. */
const SEARCHED_BODY_BYTES = 64 * 1024

/** Whether a message is one that the filter asks for; upper and lower case are the same. */
export function matchesFilter(message: BrowsedMessage, { reason, text }: MessageFilter): boolean {
  if (reason !== undefined && reason !== '' && message.deadLetter?.reason !== reason) return false
  if (!text) return true
  const wanted = text.toLowerCase()
  return searchedTexts(message).some((part) => part.toLowerCase().includes(wanted))
}

function searchedTexts(message: BrowsedMessage): string[] {
  const { messageId, deadLetter, systemProperties, applicationProperties, body, sequenceNumber } = message
  return [
    messageId ?? '',
    String(sequenceNumber),
    deadLetter?.reason ?? '',
    deadLetter?.description ?? '',
    ...Object.values(systemProperties),
    ...Object.entries(applicationProperties).flatMap(([name, value]) => [name, String(value)]),
    body.kind === 'bytes' ? body.bytes.subarray(0, SEARCHED_BODY_BYTES).toString('utf8') : textOfValue(body.value),
  ]
}

/** A body that is a value, as text; what JSON can not hold becomes empty. */
export function textOfValue(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}
