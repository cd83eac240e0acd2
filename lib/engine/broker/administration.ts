import { ServiceBusAdministrationClient } from '@azure/service-bus'
import { parseConnectionString } from './connection-string'
import type { QueueFacts } from './port'

// The management side of the Service Bus adapter (service-bus.ts): HTTP, and only for keys with the Manage right.

const FACTS_LIMIT_MS = 5_000

/** One request: this is asked of a thousand idle queues. Null without the Manage right. */
export async function readActiveCount(
  connectionString: string,
  queueName: string,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const admin = openAdministration(connectionString)
    return (await admin.getQueueRuntimeProperties(queueName, { abortSignal: signal })).activeMessageCount
  } catch {
    return null
  }
}

/** Null when the key has no Manage right or the management endpoint does not answer. */
export async function readQueueFacts(
  connectionString: string,
  queueName: string,
  signal?: AbortSignal,
): Promise<QueueFacts | null> {
  // A signal of AbortSignal.timeout that only AbortSignal.any refers to may be collected before it fires.
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), FACTS_LIMIT_MS)
  const abortSignal = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal
  try {
    const admin = openAdministration(connectionString)
    const [queue, runtime] = await Promise.all([
      admin.getQueue(queueName, { abortSignal }),
      admin.getQueueRuntimeProperties(queueName, { abortSignal }),
    ])
    return {
      activeCount: runtime.activeMessageCount,
      deadLetterCount: runtime.deadLetterMessageCount,
      maxDeliveryCount: queue.maxDeliveryCount,
      lockDurationMs: isoDurationMs(queue.lockDuration),
    }
  } catch {
    return null // no Manage right, or no management endpoint: facts are a plus, never a need
  } finally {
    clearTimeout(timer)
  }
}

/** The management client; over plain HTTP for an emulator. */
export function openAdministration(connectionString: string): ServiceBusAdministrationClient {
  const admin = new ServiceBusAdministrationClient(connectionString, { retryOptions: { maxRetries: 0 } })
  if (!parseConnectionString(connectionString).isEmulator) return admin
  // This version of the client speaks https only, whatever the connection string says.
  admin.pipeline.addPolicy(
    {
      name: 'plainHttp',
      sendRequest(request, next) {
        request.url = request.url.replace(/^https:/, 'http:')
        request.allowInsecureConnection = true
        return next(request)
      },
    },
    { afterPhase: 'Sign' },
  )
  return admin
}

/** Milliseconds of an ISO 8601 duration without years and months, say `PT1M` or `P1DT2H30.5S`. */
export function isoDurationMs(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text)
  const [days, hours, minutes, seconds] = (match ?? []).slice(1).map((part) => Number(part ?? 0))
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000
}
