import type { AccessKey } from '../access-keys'
import { parseDuration } from '../duration'
import { checkProperties } from '../queue/check-properties'
import type { EntityStatus, QueueProperties } from '../queue/properties'
import { readAuthorizationRules } from './requested-keys'
import { childOf, textOf, type XmlNode } from './xml'

const STATUSES: EntityStatus[] = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']
const ENTITIES_NOT_SERVED = ['TopicDescription', 'SubscriptionDescription', 'RuleDescription']
const SETTINGS_NOT_SERVED = ['ForwardTo', 'ForwardDeadLetteredMessagesTo']

/** The element of each setting, and how its text is read; undefined for a text that is not usable. */
const SETTINGS: {
  [Key in keyof QueueProperties]: { element: string; read(text: string): QueueProperties[Key] | undefined }
} = {
  lockDurationMs: { element: 'LockDuration', read: parseDuration },
  maxDeliveryCount: { element: 'MaxDeliveryCount', read: parseWholeNumber },
  defaultTimeToLiveMs: { element: 'DefaultMessageTimeToLive', read: parseDuration },
  deadLetteringOnExpiration: { element: 'DeadLetteringOnMessageExpiration', read: parseBoolean },
  requiresSession: { element: 'RequiresSession', read: parseBoolean },
  requiresDuplicateDetection: { element: 'RequiresDuplicateDetection', read: parseBoolean },
  duplicateDetectionWindowMs: { element: 'DuplicateDetectionHistoryTimeWindow', read: parseDuration },
  maxSizeInMegabytes: { element: 'MaxSizeInMegabytes', read: parseWholeNumber },
  status: { element: 'Status', read: (text) => STATUSES.find((status) => status === text) },
  userMetadata: { element: 'UserMetadata', read: (text) => text },
  enableBatchedOperations: { element: 'EnableBatchedOperations', read: parseBoolean },
}

export type Refusal = { refused: string }

/** What a `QueueDescription` asks for; `refused` is a sentence for the client. */
export type RequestedQueue = { properties: Partial<QueueProperties>; keys: AccessKey[] | undefined } | Refusal

export function readQueueDescription(document: XmlNode): RequestedQueue {
  const content = childOf(childOf(document, 'entry'), 'content')
  if (content && ENTITIES_NOT_SERVED.some((name) => name in content)) {
    return { refused: 'Topics, subscriptions and rules are not served by this broker yet.' }
  }
  // An element without children is read as an empty text.
  const description = content?.QueueDescription === '' ? {} : childOf(content, 'QueueDescription')
  if (!description) return { refused: 'The body must be an Atom entry with a QueueDescription.' }
  for (const name of SETTINGS_NOT_SERVED) {
    if (textOf(description, name)) return { refused: `${name} is not served by this broker yet.` }
  }
  const properties = readProperties(description)
  if ('refused' in properties) return properties
  const refused = checkProperties(properties)
  if (refused) return { refused }
  const requested = readAuthorizationRules(description)
  return 'refused' in requested ? requested : { properties, keys: requested.keys }
}

function readProperties(description: XmlNode): Partial<QueueProperties> | Refusal {
  const properties: Record<string, unknown> = {}
  for (const [key, { element, read }] of Object.entries(SETTINGS)) {
    const text = textOf(description, element)
    // An empty element says nothing, but that metadata are to be cleared.
    if (text === undefined || (text === '' && key !== 'userMetadata')) continue
    const value = read(text)
    if (value === undefined) return { refused: `${element} has the value '${text}', which is not usable.` }
    properties[key] = value
  }
  return properties
}

function parseWholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** Clients write `true` and `True`; XML Schema has `1`, too. */
function parseBoolean(text: string): boolean | undefined {
  if (/^(?:true|1)$/i.test(text)) return true
  return /^(?:false|0)$/i.test(text) ? false : undefined
}
