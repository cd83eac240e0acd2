'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { useAction } from '@/components/ui/use-action'
import { VersionDialog } from '@/components/versions/version-dialog'
import type { ExecutionListView } from '@/lib/executions/schema'
import { startReplayAction } from '@/lib/queue-tools/actions'

type ReplayAllProps = { flowId: string; view: Omit<ExecutionListView, 'after'>; versions: string[] }

/** Runs the inputs of all executions that the filters show again, as a job. */
export function ReplayAllButton({ flowId, view, versions }: ReplayAllProps) {
  const router = useRouter()
  const [isOpen, setOpen] = useState(false)
  const replay = useAction(startReplayAction)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Replay these</Button>
      <VersionDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Replay executions"
        description="Runs the input of each delivery that the filters show once more, on all their pages. Nothing on the queue changes, and no replay’s result wins."
        submitLabel="Replay"
        versions={versions}
        action={replay}
        onChoose={(version) =>
          replay.run({ flowId, view, version }, ({ jobId }) => {
            toast.success('The replay has begun.')
            router.push(`/event-flows/${flowId}/jobs/${jobId}`)
          })
        }
      />
    </>
  )
}
