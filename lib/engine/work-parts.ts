import type { Logger } from '@/lib/logger'
import type { Runtime } from '@/lib/runtime/port'
import { type BackOffPolicy, decide, type Obstacle, type Outcome } from './decide'
import type { Lease } from './leases/lease'
import type { NewMessages } from './new-messages'
import type { Outputs } from './output/outputs'
import type { Recorder } from './recorder'
import type { FlowSpec, RunTarget } from './target'
import type { Verdict, Work } from './work'

/** What a delivery needs on its way from receipt to verdict. */
export type WorkOutParts = {
  flow: FlowSpec
  /** Nothing runs unless the flow is ours. */
  lease: Lease
  runtime: Pick<Runtime, 'invoke'>
  recorder: Recorder
  newMessages: NewMessages
  outputs: Outputs
  logger: Logger
  /** In place of the flow's own; for tests. */
  backOff?: BackOffPolicy
  /** What the next message runs, if there is anything; a publish changes it while the consumer goes on. */
  target(): RunTarget | null
  /** Why nothing of the flow can run now; null when something ran (again). */
  onObstacle(obstacle: Obstacle | null): void
}

export const backOffOf = ({ backOff, flow }: Pick<WorkOutParts, 'backOff' | 'flow'>): BackOffPolicy =>
  backOff ?? flow.backOff

export function verdictOf(outcome: Outcome, work: Work, parts: WorkOutParts, executionId: string | null): Verdict {
  return { decision: decide(outcome, work.delivery.attempt, backOffOf(parts)), executionId }
}
