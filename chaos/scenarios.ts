import { brokerKill } from './broker/broker-kill'
import type { Scenario } from './frame/scenario'

/** In the order in which they run. */
export const SCENARIOS: Scenario[] = [brokerKill]
