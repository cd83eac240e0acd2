import type { Logger } from '@/lib/logger'
import type { Runtime } from '@/lib/runtime/port'
import type { ConnectBroker } from './broker/port'
import type { BackOffPolicy } from './decide'
import type { RunTarget } from './target'
import type { WatchdogTimes } from './watchdog'

export type EngineOptions = {
  runtime: Pick<Runtime, 'invoke' | 'keepWarm'>
  connectBroker: ConnectBroker
  /** What a flow's messages run for its owner, or null; lib/versions/resolve.ts. */
  resolve(ownerId: string, algorithmId: string, versionSelector: string | null): Promise<RunTarget | null>
  /** Differs when the limits in what `resolve` gives would: then every flow is resolved anew. */
  limitsMark?(): Promise<string>
  /** Opens a flow's stored connection string. */
  unseal(sealed: string): string
  logger: Logger
  /** How long a consumer that is given up waits for what is in work. */
  drainMs?: number
  reconcileMs?: number
  /** How long after its last sign of life an engine's flows are free. */
  leaseMs?: number
  misconfiguredRetryMs?: number
  backOff?: BackOffPolicy
  slots?: number
  /** When a silent link is looked at, and after how many deliveries behind an unsettled one it is replaced; for tests. */
  watchdog?: WatchdogTimes
  recycleAfterDeliveries?: number
  /** In place of the flow's own, which counts in minutes; for tests. */
  lockRenewalLimitMs?: number
}
