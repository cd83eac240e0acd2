'use client'

import { Dialog } from '@/components/ui/dialog'
import { DialogFooter } from '@/components/ui/dialog-footer'
import { formValues } from '@/components/ui/form-values'
import type { FieldErrors } from '@/lib/errors'
import { VersionField } from './version-field'

type VersionDialogProps = {
  title: string
  description: string
  submitLabel: string
  versions: string[]
  isOpen: boolean
  onClose: () => void
  /** Blank for the version that the event flow runs. */
  onChoose: (version: string) => void
  /** The action that `onChoose` runs. */
  action: { isPending: boolean; error?: string; fields: FieldErrors }
}

/** Asks on which version something is to be run. */
export function VersionDialog(props: VersionDialogProps) {
  const { title, description, submitLabel, versions, isOpen, onClose, onChoose, action } = props
  const [fieldError] = Object.values(action.fields)
  return (
    <Dialog isOpen={isOpen} onOpenChange={(stays) => !stays && onClose()} title={title} description={description}>
      <form className="flex flex-col gap-5" onSubmit={(event) => onChoose(formValues(event).version ?? '')}>
        <VersionField versions={versions} />
        <DialogFooter
          error={action.error ?? fieldError}
          submitLabel={submitLabel}
          isPending={action.isPending}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  )
}
