import type { AccessKey, Right } from '../access-keys'
import { newKeyText } from '../access-keys'
import { formatDuration, parseDuration } from '../duration'
import type { Entity } from '../entity'
import { checkProperties } from '../queue/check-properties'
import type { EntityStatus, QueueProperties } from '../queue/properties'
import {
  childOf,
  childrenOf,
  escapeXml,
  INSTANCE_NAMESPACE,
  SERVICE_BUS_NAMESPACE,
  textElement,
  textOf,
  textsOf,
  type XmlNode,
} from './xml'

const COUNTS_NAMESPACE = 'http://schemas.microsoft.com/netservices/2011/06/servicebus'
const STATUSES: EntityStatus[] = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']
const NOT_SERVED = ['ForwardTo', 'ForwardDeadLetteredMessagesTo']

/** A queue as the service's `QueueDescription`, with its counts. */
export function describeQueue(entity: Entity): string {
  const { queue, deadLetters, keys } = entity
  const { properties, store } = queue
  const elements = [
    textElement('LockDuration', formatDuration(properties.lockDurationMs)),
    textElement('MaxSizeInMegabytes', properties.maxSizeInMegabytes),
    textElement('RequiresDuplicateDetection', properties.requiresDuplicateDetection),
    textElement('RequiresSession', properties.requiresSession),
    textElement('DefaultMessageTimeToLive', formatDuration(properties.defaultTimeToLiveMs)),
    textElement('DeadLetteringOnMessageExpiration', properties.deadLetteringOnExpiration),
    textElement('DuplicateDetectionHistoryTimeWindow', formatDuration(properties.duplicateDetectionWindowMs)),
    textElement('MaxDeliveryCount', properties.maxDeliveryCount),
    textElement('EnableBatchedOperations', true),
    textElement('SizeInBytes', store.sizeBytes + deadLetters.store.sizeBytes),
    textElement('MessageCount', store.size + deadLetters.store.size),
    textElement('IsAnonymousAccessible', false),
    `<AuthorizationRules>${keys.map(describeKey).join('')}</AuthorizationRules>`,
    textElement('Status', properties.status),
    textElement('CreatedAt', isoDate(entity.createdAtMs)),
    textElement('UpdatedAt', isoDate(entity.updatedAtMs)),
    textElement('AccessedAt', isoDate(entity.accessedAtMs)),
    textElement('SupportOrdering', true),
    properties.userMetadata ? textElement('UserMetadata', properties.userMetadata) : '',
    describeCounts(entity),
    textElement('AutoDeleteOnIdle', formatDuration(Infinity)),
    textElement('EnablePartitioning', false),
    textElement('EntityAvailabilityStatus', 'Available'),
    textElement('EnableExpress', false),
  ]
  return `<QueueDescription xmlns="${SERVICE_BUS_NAMESPACE}" xmlns:i="${INSTANCE_NAMESPACE}">${elements.join('')}</QueueDescription>`
}

export function isoDate(ms: number): string {
  return new Date(ms).toISOString()
}

/** Deferred messages count as active, as in the service. */
function describeCounts({ queue, deadLetters }: Entity): string {
  const { active, deferred, scheduled } = queue.store.counts
  const counts = {
    ActiveMessageCount: active + deferred,
    DeadLetterMessageCount: deadLetters.store.size,
    ScheduledMessageCount: scheduled,
    TransferMessageCount: 0,
    TransferDeadLetterMessageCount: 0,
  }
  const elements = Object.entries(counts).map(([name, count]) => textElement(`d2p1:${name}`, count))
  return `<CountDetails xmlns:d2p1="${COUNTS_NAMESPACE}">${elements.join('')}</CountDetails>`
}

function describeKey(key: AccessKey): string {
  const rights = key.rights.map((right) => textElement('AccessRights', right)).join('')
  return (
    `<AuthorizationRule i:type="SharedAccessAuthorizationRule"><ClaimType>SharedAccessKey</ClaimType>` +
    `<ClaimValue>None</ClaimValue><Rights>${rights}</Rights><KeyName>${escapeXml(key.name)}</KeyName>` +
    `<PrimaryKey>${escapeXml(key.key)}</PrimaryKey><SecondaryKey>${escapeXml(key.secondaryKey ?? '')}</SecondaryKey></AuthorizationRule>`
  )
}

/** What a `QueueDescription` asks for; `refused` is a sentence for the client. */
export type RequestedQueue =
  | { properties: Partial<QueueProperties>; keys: AccessKey[] | undefined }
  | { refused: string }

export function readQueueDescription(document: XmlNode): RequestedQueue {
  const content = childOf(childOf(document, 'entry'), 'content')
  // An element without children is read as an empty text.
  const description = content?.QueueDescription === '' ? {} : childOf(content, 'QueueDescription')
  if (content && 'TopicDescription' in content) return { refused: 'Topics are not served by this broker yet.' }
  if (!description) return { refused: 'The body must be an Atom entry with a QueueDescription.' }
  for (const name of NOT_SERVED) {
    if (textOf(description, name)) return { refused: `${name} is not served by this broker yet.` }
  }
  const properties = dropAbsent({
    lockDurationMs: parseDuration(textOf(description, 'LockDuration')),
    maxDeliveryCount: readNumber(description, 'MaxDeliveryCount'),
    defaultTimeToLiveMs: parseDuration(textOf(description, 'DefaultMessageTimeToLive')),
    deadLetteringOnExpiration: readBoolean(description, 'DeadLetteringOnMessageExpiration'),
    requiresSession: readBoolean(description, 'RequiresSession'),
    requiresDuplicateDetection: readBoolean(description, 'RequiresDuplicateDetection'),
    duplicateDetectionWindowMs: parseDuration(textOf(description, 'DuplicateDetectionHistoryTimeWindow')),
    maxSizeInMegabytes: readNumber(description, 'MaxSizeInMegabytes'),
    status: STATUSES.find((status) => status === textOf(description, 'Status')),
    userMetadata: textOf(description, 'UserMetadata'),
  })
  const refused = checkProperties(properties)
  if (refused) return { refused }
  const rules = childOf(description, 'AuthorizationRules')
  return { properties, keys: rules && childrenOf(rules, 'AuthorizationRule').map(readKey) }
}

function readKey(rule: XmlNode): AccessKey {
  const rights = textsOf(childOf(rule, 'Rights'), 'AccessRights').filter(isRight)
  return {
    name: textOf(rule, 'KeyName') ?? 'unnamed',
    key: textOf(rule, 'PrimaryKey') || newKeyText(),
    secondaryKey: textOf(rule, 'SecondaryKey') || newKeyText(),
    rights,
  }
}

function isRight(text: string): text is Right {
  return text === 'Listen' || text === 'Send' || text === 'Manage'
}

function readNumber(node: XmlNode, name: string): number | undefined {
  const text = textOf(node, name)
  return text === undefined || text === '' ? undefined : Number(text)
}

function readBoolean(node: XmlNode, name: string): boolean | undefined {
  const text = textOf(node, name)
  return text === undefined || text === '' ? undefined : text.toLowerCase() === 'true'
}

function dropAbsent<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const present = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as { [K in keyof T]?: NonNullable<T[K]> }
}
