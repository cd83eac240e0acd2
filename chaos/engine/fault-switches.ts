import type { FaultSwitches } from '@/lib/emulator/faults'
import type { TestBroker } from '@/lib/testing/broker'

/** What the broker is to do now (docs/broker.md). */
export type FaultAction = 'freeze' | 'thaw' | 'expire-locks' | 'drop-connections'

export async function postFault(broker: TestBroker, action: FaultAction): Promise<Record<string, unknown>> {
  return request(broker, `/${action}`, { method: 'POST' })
}

/** Sets how often it is to misbehave from now on. */
export async function changeFaults(broker: TestBroker, change: Partial<FaultSwitches>): Promise<void> {
  await request(broker, '', { method: 'PUT', body: JSON.stringify(change) })
}

async function request({ port }: TestBroker, path: string, init: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}/$faults${path}`, init)
  if (!response.ok) throw new Error(`the fault switch answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}
