import { StatusDot, type Tone } from '@/components/ui/badge'
import { BUILD_STATUS_LABELS, type BuildStatus, isFinished } from '@/lib/builds/schema'

const TONES: Record<BuildStatus, Tone> = {
  queued: 'neutral',
  in_progress: 'info',
  succeeded: 'success',
  failed: 'danger',
  cancelled: 'neutral',
}

export function BuildStatusDot({ status }: { status: BuildStatus }) {
  return (
    <StatusDot tone={TONES[status]} isBusy={!isFinished(status)}>
      {BUILD_STATUS_LABELS[status]}
    </StatusDot>
  )
}
