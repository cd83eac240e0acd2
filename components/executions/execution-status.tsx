import { StatusDot, type Tone } from '@/components/ui/badge'
import { labelOfStatus } from '@/lib/executions/words'
import type { ExecutionStatus } from '@/lib/generated/prisma/enums'

const TONES: Record<ExecutionStatus, Tone> = {
  running: 'info',
  succeeded: 'success',
  failed: 'danger',
  abandoned: 'warning',
}

export function ExecutionStatusDot({ status }: { status: ExecutionStatus }) {
  return (
    <StatusDot tone={TONES[status]} isBusy={status === 'running'}>
      {labelOfStatus(status)}
    </StatusDot>
  )
}
