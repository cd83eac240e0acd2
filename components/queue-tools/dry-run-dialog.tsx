'use client'

import { useRouter } from 'next/navigation'
import { useAction } from '@/components/ui/use-action'
import { VersionDialog } from '@/components/versions/version-dialog'
import { dryRunAction } from '@/lib/queue-tools/actions'
import type { MessageRef } from '@/lib/queue-tools/schema'

type DryRunDialogProps = { messageRef: MessageRef; versions: string[]; isOpen: boolean; onClose: () => void }

/** Runs a message on a version of choice and leaves it where it is. */
export function DryRunDialog({ messageRef, versions, isOpen, onClose }: DryRunDialogProps) {
  const router = useRouter()
  const dryRun = useAction(dryRunAction)
  return (
    <VersionDialog
      isOpen={isOpen}
      onClose={onClose}
      title="Dry run"
      description="Runs the algorithm on this message. The message stays where it is, nothing is settled, and the result does not count for it. What the algorithm does itself, it really does."
      submitLabel="Run"
      versions={versions}
      action={dryRun}
      onChoose={(version) =>
        dryRun.run({ ...messageRef, version }, ({ executionId }) => router.push(`/executions/${executionId}`))
      }
    />
  )
}
