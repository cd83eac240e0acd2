import { parseDuration } from './duration'
import { checkProperties } from './queue/check-properties'
import type { QueueProperties } from './queue/properties'

/** The configuration can not be used. Its text is meant for the person who wrote it. */
export class ConfigError extends Error {}

export type BrokerConfig = {
  namespaceName: string | undefined
  queues: { name: string; properties: Partial<QueueProperties> }[]
  /** Names of topics, which are not served yet. */
  topics: string[]
  /** `queue: property` of what is ignored. */
  ignored: string[]
}

type EmulatorQueue = { Name?: unknown; Properties?: Record<string, unknown> }
type EmulatorNamespace = { Name?: string; Queues?: EmulatorQueue[]; Topics?: { Name?: string }[] }

/** Reads `Config.json` of Microsoft's Service Bus emulator. Throws `ConfigError` with the place of a mistake. */
export function parseConfig(text: string): BrokerConfig {
  let document: { UserConfig?: { Namespaces?: EmulatorNamespace[] } }
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`The configuration is not JSON: ${(error as Error).message}.`)
  }
  const namespaces = document.UserConfig?.Namespaces
  if (!Array.isArray(namespaces) || namespaces.length !== 1) {
    throw new ConfigError('The configuration must have exactly one namespace in UserConfig.Namespaces.')
  }
  const [namespace] = namespaces as [EmulatorNamespace]
  const ignored: string[] = []
  const queues = (namespace.Queues ?? []).map((queue, index) => readQueue(queue, index, ignored))
  return {
    namespaceName: namespace.Name,
    queues,
    topics: (namespace.Topics ?? []).map((topic) => topic.Name ?? 'unnamed'),
    ignored,
  }
}

function readQueue(queue: EmulatorQueue, index: number, ignored: string[]) {
  if (typeof queue.Name !== 'string' || queue.Name === '') {
    throw new ConfigError(`UserConfig.Namespaces[0].Queues[${index}] has no Name.`)
  }
  const properties: Partial<QueueProperties> = {}
  for (const [name, value] of Object.entries(queue.Properties ?? {})) {
    const read = PROPERTY_READERS[name]
    if (!read) {
      if (value !== '' && value !== null) ignored.push(`${queue.Name}: ${name}`)
      continue
    }
    const change = read(value)
    if (!change)
      throw new ConfigError(`${queue.Name}: ${name} has the value ${JSON.stringify(value)}, which is not usable.`)
    Object.assign(properties, change)
  }
  const wrong = checkProperties(properties)
  if (wrong) throw new ConfigError(`${queue.Name}: ${wrong}`)
  return { name: queue.Name, properties }
}

type PropertyReader = (value: unknown) => Partial<QueueProperties> | undefined

const PROPERTY_READERS: Record<string, PropertyReader> = {
  LockDuration: (value) => duration(value, (lockDurationMs) => ({ lockDurationMs })),
  DefaultMessageTimeToLive: (value) => duration(value, (defaultTimeToLiveMs) => ({ defaultTimeToLiveMs })),
  DuplicateDetectionHistoryTimeWindow: (value) =>
    duration(value, (duplicateDetectionWindowMs) => ({ duplicateDetectionWindowMs })),
  MaxDeliveryCount: (value) => (typeof value === 'number' ? { maxDeliveryCount: value } : undefined),
  DeadLetteringOnMessageExpiration: (value) => flag(value, (on) => ({ deadLetteringOnExpiration: on })),
  RequiresDuplicateDetection: (value) => flag(value, (on) => ({ requiresDuplicateDetection: on })),
  RequiresSession: (value) => flag(value, (on) => ({ requiresSession: on })),
}

function duration(value: unknown, toChange: (ms: number) => Partial<QueueProperties>) {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined
  return ms === undefined ? undefined : toChange(ms)
}

function flag(value: unknown, toChange: (on: boolean) => Partial<QueueProperties>) {
  return typeof value === 'boolean' ? toChange(value) : undefined
}
