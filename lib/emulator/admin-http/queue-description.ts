import type { AccessKey } from '../access-keys'
import { formatDuration } from '../duration'
import type { Entity } from '../entity'
import { escapeXml, INSTANCE_NAMESPACE, SERVICE_BUS_NAMESPACE, textElement } from './xml'

const COUNTS_NAMESPACE = 'http://schemas.microsoft.com/netservices/2011/06/servicebus'

/**
 * A queue as the service's `QueueDescription`, with its counts. `SupportOrdering` is left out: no client reads it of a
 * queue, and without it the JavaScript client, which asks for the topic of this name in the same words, sees that it is none.
 */
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
    textElement('EnableBatchedOperations', properties.enableBatchedOperations),
    textElement('SizeInBytes', store.sizeBytes + deadLetters.store.sizeBytes),
    textElement('MessageCount', store.size + deadLetters.store.size),
    textElement('IsAnonymousAccessible', false),
    `<AuthorizationRules>${keys.map(describeKey).join('')}</AuthorizationRules>`,
    textElement('Status', properties.status),
    textElement('CreatedAt', isoDate(entity.createdAtMs)),
    textElement('UpdatedAt', isoDate(entity.updatedAtMs)),
    textElement('AccessedAt', isoDate(entity.accessedAtMs)),
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
