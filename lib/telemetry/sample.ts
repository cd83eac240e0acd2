import { currentEngine } from '@/lib/engine/current'
import { currentRuntime } from '@/lib/runtime/current'
import type { RuntimeStats } from '@/lib/runtime/port'
import { metrics } from './registry'

/** Reads what is known only at the moment of asking: consumers, what they have in hand, workers. */
export function sampleGauges(): void {
  sampleConsumers()
  sampleWorkers()
}

function sampleConsumers(): void {
  const { consumers, inFlight } = metrics()
  consumers.reset()
  inFlight.reset()
  for (const status of currentEngine().status()) {
    consumers.inc({ state: status.state })
    for (const { stage } of status.inFlight) inFlight.inc({ flow: status.flowId, queue: status.queueName, stage })
  }
}

function sampleWorkers(): void {
  const stats = statsOrNull()
  const { workers, workerStarts, workerEnds, workerMemory } = metrics()
  workers.set({ state: 'busy' }, stats?.busy ?? 0)
  workers.set({ state: 'idle' }, stats ? stats.workers - stats.busy : 0)
  workerMemory.set(stats?.memoryBytes ?? 0)
  // The runtime counts these itself.
  workerStarts.reset()
  workerStarts.inc(stats?.starts ?? 0)
  workerEnds.reset()
  for (const [reason, count] of Object.entries(stats?.ends ?? {})) workerEnds.inc({ reason }, count)
}

/** Null while the process starts and stops. */
function statsOrNull(): RuntimeStats | null {
  try {
    return currentRuntime().runtime.stats()
  } catch {
    return null
  }
}
