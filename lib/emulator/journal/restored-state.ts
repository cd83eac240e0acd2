import type { AccessKey } from '../access-keys'
import type { StoredMessage } from '../queue/message'
import type { QueueProperties } from '../queue/properties'

export type RestoredContents = {
  messages: Map<number, StoredMessage>
  sessions: Map<string, { state: Buffer | null; changedAtMs: number }>
  seen: Map<string, number>
  lastSequenceNumber: number
}

/** A queue as the journal knows it. */
export type RestoredQueue = {
  id: number
  deadLetterId: number
  name: string
  properties: QueueProperties
  keys: AccessKey[]
  createdAtMs: number
  updatedAtMs: number
  main: RestoredContents
  dead: RestoredContents
}

export function emptyContents(): RestoredContents {
  return { messages: new Map(), sessions: new Map(), seen: new Map(), lastSequenceNumber: 0 }
}
