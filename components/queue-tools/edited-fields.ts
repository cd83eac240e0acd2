import type { MessageDetail } from '@/lib/queue-tools/browse-messages'

/** The most that a form edits; a larger part is sent as it is. */
export const MAX_EDITED_CHARS = { body: 400_000, applicationProperties: 64_000 } as const

/** What the form of a dead letter begins with; null for what is too large to be edited there. */
export type EditableFields = { body: string | null; contentType: string; applicationProperties: string | null }

export function editableFields({ body, contentType, applicationProperties }: MessageDetail): EditableFields {
  const properties = JSON.stringify(applicationProperties, null, 2)
  const isBodyEditable = !body.isCut && body.content.length <= MAX_EDITED_CHARS.body
  return {
    body: isBodyEditable ? body.content : null,
    contentType: contentType ?? '',
    applicationProperties: properties.length <= MAX_EDITED_CHARS.applicationProperties ? properties : null,
  }
}

/**
 * Only what a person has changed, so that all else is sent byte by byte as it came. A form gives line breaks as the web
 * has them: a body keeps its own.
 */
export function changedFields(before: EditableFields, typed: Record<string, string | undefined>) {
  const { body, contentType, applicationProperties } = typed
  return {
    ...(isChanged(before.body, body) && { body: withLineBreaksOf(before.body, body) }),
    ...(isChanged(before.contentType, contentType) && { contentType }),
    ...(isChanged(before.applicationProperties, applicationProperties) && { applicationProperties }),
  }
}

function isChanged(before: string | null, typed: string | undefined): typed is string {
  return before !== null && typed !== undefined && webBreaks(typed) !== webBreaks(before)
}

function withLineBreaksOf(before: string | null, typed: string): string {
  return before?.includes('\r\n') ? webBreaks(typed) : typed.replaceAll('\r\n', '\n')
}

const webBreaks = (text: string): string => text.replace(/\r\n|\r|\n/g, '\r\n')
