import { parseDuration } from './duration'
import { isValidQueueName } from './entity'
import { checkProperties } from './queue/check-properties'
import type { QueueProperties } from './queue/properties'

/** The configuration can not be used. Its text is meant for the person who wrote it. */
export class ConfigError extends Error {}

export type BrokerConfig = {
  namespaceName: string | undefined
  queues: { name: string; properties: Partial<QueueProperties> }[]
  /** Names of topics, which are not served yet. */
  topics: string[]
  /** `place: name` of what is ignored. */
  ignored: string[]
}

type EmulatorQueue = { Name?: unknown; Properties?: unknown }
type EmulatorNamespace = { Name?: unknown; Queues?: unknown; Topics?: unknown }

/** Reads `Config.json` of Microsoft's Service Bus emulator. Throws `ConfigError` with the place of a mistake. */
export function parseConfig(text: string): BrokerConfig {
  const ignored: string[] = []
  const namespace = readNamespace(text, ignored)
  const queues = readList<EmulatorQueue>(namespace, 'Queues').map((queue, index) => readQueue(queue, index, ignored))
  const names = queues.map(({ name }) => name.toLowerCase())
  const twice = queues.find(({ name }, index) => names.indexOf(name.toLowerCase()) < index)
  if (twice) throw new ConfigError(`The queue ${twice.name} is there twice.`)
  return {
    namespaceName: typeof namespace.Name === 'string' ? namespace.Name : undefined,
    queues,
    topics: readList<{ Name?: unknown }>(namespace, 'Topics').map((topic) => String(topic.Name ?? 'unnamed')),
    ignored,
  }
}

function readNamespace(text: string, ignored: string[]): EmulatorNamespace {
  let document: { UserConfig?: { Namespaces?: unknown } } | null
  try {
    // Editors on Windows start the file with a byte order mark.
    document = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new ConfigError(`The configuration is not JSON: ${(error as Error).message}.`)
  }
  const namespaces = document?.UserConfig?.Namespaces
  if (!Array.isArray(namespaces) || namespaces.length !== 1 || !isRecord(namespaces[0])) {
    throw new ConfigError('The configuration must have exactly one namespace in UserConfig.Namespaces.')
  }
  ignored.push(...namesBeside(['UserConfig'], document, 'the configuration'))
  ignored.push(...namesBeside(['Namespaces', 'Logging'], document?.UserConfig, 'UserConfig'))
  ignored.push(...namesBeside(['Name', 'Queues', 'Topics'], namespaces[0], 'UserConfig.Namespaces[0]'))
  return namespaces[0]
}

/** `place: name` of all that is there beside what is known: a misspelt name must not pass in silence. */
function namesBeside(known: string[], record: object | null | undefined, place: string): string[] {
  const names = Object.keys(record ?? {}).filter((name) => !known.includes(name))
  return names.map((name) => `${place}: ${name}`)
}

function readList<Entry>(namespace: EmulatorNamespace, name: 'Queues' | 'Topics'): Entry[] {
  const list = namespace[name] ?? []
  if (Array.isArray(list) && list.every(isRecord)) return list as Entry[]
  throw new ConfigError(`UserConfig.Namespaces[0].${name} must be a list of objects.`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readQueue(queue: EmulatorQueue, index: number, ignored: string[]) {
  const { Name: name, Properties: settings = {} } = queue
  const place = `UserConfig.Namespaces[0].Queues[${index}]`
  if (typeof name !== 'string' || name === '') throw new ConfigError(`${place} has no Name.`)
  if (!isValidQueueName(name)) throw new ConfigError(`${place}: '${name}' can not be the name of a queue.`)
  if (!isRecord(settings)) throw new ConfigError(`${name}: Properties must be an object.`)
  ignored.push(...namesBeside(['Name', 'Properties'], queue, name))
  const properties: Partial<QueueProperties> = {}
  for (const [key, value] of Object.entries(settings)) {
    const read = Object.hasOwn(PROPERTY_READERS, key) ? PROPERTY_READERS[key] : undefined
    if (!read) {
      if (value !== '' && value !== null) ignored.push(`${name}: ${key}`)
      continue
    }
    const change = read(value)
    if (!change) throw new ConfigError(`${name}: ${key} has the value ${JSON.stringify(value)}, which is not usable.`)
    Object.assign(properties, change)
  }
  const wrong = checkProperties(properties)
  if (wrong) throw new ConfigError(`${name}: ${wrong}`)
  return { name, properties }
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
