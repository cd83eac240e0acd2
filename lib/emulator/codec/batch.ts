import { byteAt, readSections, SECTION } from './sections'

/** Message format of a transfer that carries several messages, one encoded message a data section. */
export const BATCH_FORMAT = 0x80013700

/** The encoded messages of a batch envelope. */
export function splitBatch(envelope: Buffer): Buffer[] {
  const messages: Buffer[] = []
  for (const section of readSections(envelope)) {
    if (section.code !== SECTION.data) continue
    const lengthBytes = byteAt(envelope, section.value) === 0xa0 ? 1 : 4
    messages.push(envelope.subarray(section.value + 1 + lengthBytes, section.end))
  }
  return messages
}
