import type { MessageContent } from './content'
import { sectionHead } from './parse-message'
import { readCompound, readSections, SECTION, skipValue } from './sections'
import { encodeString, encodeValue, readText } from './values'

/** Sets or replaces application properties of a message; its size goes with them. */
export function changeApplicationProperties(content: MessageContent, changes: Record<string, unknown>): void {
  const formerBytes = content.applicationProperties?.length ?? 0
  content.applicationProperties = mergeApplicationProperties(content.applicationProperties, changes)
  content.sizeBytes += content.applicationProperties.length - formerBytes
}

/** Sets or replaces entries of an application-properties section; the other entries keep their bytes. */
export function mergeApplicationProperties(section: Buffer | null, changes: Record<string, unknown>): Buffer {
  const parts = section ? entriesWithout(section, changes) : []
  for (const [key, value] of Object.entries(changes)) {
    const encoded = value === undefined ? undefined : encodeValue(value)
    if (encoded) parts.push(Buffer.concat([encodeString(key), encoded]))
  }
  const body = Buffer.concat(parts)
  return Buffer.concat([sectionHead(SECTION.applicationProperties, 0xd1, body.length, parts.length * 2), body])
}

function entriesWithout(section: Buffer, changes: Record<string, unknown>): Buffer[] {
  const [head] = readSections(section)
  const map = readCompound(section, head?.value ?? 0)
  const entries: Buffer[] = []
  let offset = map.first
  for (let index = 0; index < map.count; index += 2) {
    const start = offset
    const key = readText(section, start)
    offset = skipValue(section, skipValue(section, start))
    if (key === undefined || !Object.hasOwn(changes, key)) entries.push(section.subarray(start, offset))
  }
  return entries
}
