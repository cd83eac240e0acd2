'use client'

import { useRouter } from 'next/navigation'
import { Button } from '@/components/ui/button'
import { FormError } from '@/components/ui/field'
import { useAction } from '@/components/ui/use-action'
import type { QueueJobState } from '@/lib/generated/prisma/enums'
import { cancelJobAction, pauseJobAction, resumeJobAction } from '@/lib/queue-tools/actions'
import { isActiveJob } from '@/lib/queue-tools/words'

/** Pause, resume and cancel, as far as the job's state allows. */
export function JobControls({ job: { id, state } }: { job: { id: string; state: QueueJobState } }) {
  const router = useRouter()
  const pause = useAction(pauseJobAction)
  const resume = useAction(resumeJobAction)
  const cancel = useAction(cancelJobAction)
  if (!isActiveJob(state)) return null
  const refresh = () => router.refresh()
  return (
    <>
      {state === 'paused' ? (
        <Button variant="primary" isPending={resume.isPending} onClick={() => resume.run({ id }, refresh)}>
          Resume job
        </Button>
      ) : (
        <Button isPending={pause.isPending} onClick={() => pause.run({ id }, refresh)}>
          Pause job
        </Button>
      )}
      <Button variant="danger" isPending={cancel.isPending} onClick={() => cancel.run({ id }, refresh)}>
        Cancel job
      </Button>
      <FormError message={pause.error ?? resume.error ?? cancel.error} />
    </>
  )
}
