import { StatusDot, type Tone } from '@/components/ui/badge'
import { TimeAgo } from '@/components/ui/local-time'
import { labelOfState } from '@/lib/event-flows/words'
import type { ConsumerState } from '@/lib/generated/prisma/enums'
import { NextTry } from './next-try'

const TONES: Record<ConsumerState, Tone> = {
  stopped: 'neutral',
  starting: 'info',
  receiving: 'success',
  reconnecting: 'warning',
  misconfigured: 'danger',
  waiting_for_version: 'warning',
  draining: 'info',
  paused: 'neutral',
}

const PASSING: ReadonlySet<ConsumerState> = new Set(['starting', 'reconnecting', 'draining'])

type FlowStateProps = { state: ConsumerState; stateReason: string; stateChangedAt: Date; nextTryAt: Date | null }

/** The consumer's state with since when and why, and when its link is tried again. */
export function FlowState({ flow }: { flow: FlowStateProps }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <StatusDot tone={TONES[flow.state]} isBusy={PASSING.has(flow.state)}>
          {labelOfState(flow.state)}
        </StatusDot>
        <span className="text-ink-soft text-sm">
          <TimeAgo at={flow.stateChangedAt} />
        </span>
      </div>
      {flow.stateReason && <p className="break-words text-ink-soft text-sm">{flow.stateReason}</p>}
      {flow.nextTryAt && <NextTry at={flow.nextTryAt} />}
    </div>
  )
}
