import { brokerKill } from './broker/broker-kill'
import { brokerFreeze, brokerRestart, duplicateDelivery, lockExpiry } from './engine/blows/broker-blows'
import { diskFull } from './engine/blows/disk-full'
import { engineKill } from './engine/blows/engine-kill'
import { postgresRestart } from './engine/blows/postgres-restart'
import { sigterm, twoEngines } from './engine/blows/several-engines'
import type { Scenario } from './frame/scenario'
import { workerSoak } from './runtime/worker-soak'

/** In the order in which they run. */
export const SCENARIOS: Scenario[] = [
  brokerKill,
  engineKill,
  twoEngines,
  sigterm,
  brokerRestart,
  brokerFreeze,
  lockExpiry,
  duplicateDelivery,
  postgresRestart,
  diskFull,
  workerSoak,
]
