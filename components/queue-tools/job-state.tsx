import { StatusDot, type Tone } from '@/components/ui/badge'
import type { QueueJobState } from '@/lib/generated/prisma/enums'
import { labelOfJobState } from '@/lib/queue-tools/words'

const TONES: Record<QueueJobState, Tone> = {
  waiting: 'neutral',
  running: 'info',
  paused: 'warning',
  canceled: 'neutral',
  finished: 'success',
  failed: 'danger',
}

export function JobState({ state }: { state: QueueJobState }) {
  return (
    <StatusDot tone={TONES[state]} isBusy={state === 'running'}>
      {labelOfJobState(state)}
    </StatusDot>
  )
}
