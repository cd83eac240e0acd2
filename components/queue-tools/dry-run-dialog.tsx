'use client'

import { useRouter } from 'next/navigation'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { FormError } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { VersionField } from '@/components/versions/version-field'
import { dryRunAction } from '@/lib/queue-tools/actions'
import type { MessageRef } from '@/lib/queue-tools/schema'

type DryRunDialogProps = { messageRef: MessageRef; versions: string[]; isOpen: boolean; onClose: () => void }

/** Runs a message on a version of choice and leaves it where it is. */
export function DryRunDialog({ messageRef, versions, isOpen, onClose }: DryRunDialogProps) {
  const router = useRouter()
  const dryRun = useAction(dryRunAction)
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(stays) => !stays && onClose()}
      title="Dry run"
      description="Runs the algorithm on this message. The message stays where it is, nothing is settled, and the result does not count for it. What the algorithm does itself, it really does."
    >
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          const { version = '' } = formValues(event)
          dryRun.run({ ...messageRef, version }, ({ executionId }) => router.push(`/executions/${executionId}`))
        }}
      >
        <VersionField versions={versions} />
        <FormError message={dryRun.error ?? dryRun.fields.version ?? dryRun.fields.connectionString} />
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={dryRun.isPending}>
            Run
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
