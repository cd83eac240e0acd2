'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { setFlowIntentAction } from '@/lib/event-flows/actions'
import type { FlowRow } from '@/lib/event-flows/queries'

type FlowControlsProps = { flow: Pick<FlowRow, 'id' | 'queueName' | 'intent'> }

/** Pause and drain a flow that runs, resume one that does not. */
export function FlowControls({ flow }: FlowControlsProps) {
  const router = useRouter()
  const [isDraining, setDraining] = useState(false)
  const { run, isPending, error } = useAction(setFlowIntentAction)
  const ask = (intent: FlowRow['intent'], done: string) =>
    run({ id: flow.id, intent }, () => {
      toast.success(done)
      setDraining(false)
      router.refresh()
    })
  if (flow.intent !== 'run') {
    return (
      <>
        <Button variant="primary" isPending={isPending} onClick={() => ask('run', `Resumed ${flow.queueName}.`)}>
          Resume
        </Button>
        <Refusal text={error} />
      </>
    )
  }
  return (
    <>
      <Button isPending={isPending} onClick={() => ask('paused', `Paused ${flow.queueName}.`)}>
        Pause
      </Button>
      <Button onClick={() => setDraining(true)}>Drain</Button>
      <Refusal text={isDraining ? undefined : error} />
      <ConfirmDialog
        isOpen={isDraining}
        onOpenChange={setDraining}
        title="Drain this event flow?"
        confirmLabel="Drain"
        onConfirm={() => ask('drained', `Draining ${flow.queueName}.`)}
        isPending={isPending}
        error={error}
      >
        <strong>{flow.queueName}</strong> is received no more, what is in work ends, and the connection to the broker is
        let go of. Messages stay on the queue until you resume the flow.
      </ConfirmDialog>
    </>
  )
}

function Refusal({ text }: { text: string | undefined }) {
  if (!text) return null
  return (
    <p role="alert" className="basis-full text-danger text-sm">
      {text}
    </p>
  )
}
