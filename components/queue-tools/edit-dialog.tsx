'use client'

import { toast } from 'sonner'
import { Dialog } from '@/components/ui/dialog'
import { DialogFooter } from '@/components/ui/dialog-footer'
import { TextareaField, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { resubmitEditedAction } from '@/lib/queue-tools/actions'
import type { MessageDetail } from '@/lib/queue-tools/browse-messages'
import { changedFields, editableFields } from './edited-fields'
import { KeepMessageId } from './resubmit-dialog'

type EditDialogProps = {
  flowId: string
  message: MessageDetail
  isOpen: boolean
  onClose: () => void
  onSent: () => void
}

/** Sends one dead letter again with another body, content type or properties. */
export function EditDialog({ flowId, message, isOpen, onClose, onSent }: EditDialogProps) {
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(stays) => !stays && onClose()}
      title="Edit and resubmit"
      description="What you do not change is sent as it came. The dead letter is removed when the queue has confirmed the copy."
      className="max-w-3xl"
    >
      <EditForm flowId={flowId} message={message} onClose={onClose} onSent={onSent} />
    </Dialog>
  )
}

const MONO = { fontFamily: 'var(--font-mono)' }

function EditForm({ flowId, message, onClose, onSent }: Omit<EditDialogProps, 'isOpen'>) {
  const resubmit = useAction(resubmitEditedAction)
  const isBinary = message.body.type === 'binary'
  const before = editableFields(message)
  const fields = resubmit.fields
  return (
    <form
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        const { keep, ...typed } = formValues(event)
        const edited = {
          flowId,
          sequenceNumber: message.sequenceNumber,
          keepMessageId: keep === 'on',
          bodyEncoding: isBinary ? ('base64' as const) : ('text' as const),
          ...changedFields(before, typed),
        }
        resubmit.run(edited, ({ messageId, isRemoved }) => {
          if (isRemoved) toast.success('Resubmitted.', { description: `Message id ${messageId}` })
          else toast.warning('The copy is on the queue, but its dead letter could not be removed. Purge it.')
          onClose()
          onSent()
        })
      }}
    >
      <LargeField
        name="body"
        label={isBinary ? 'Body (base64)' : 'Body'}
        rows={10}
        text={before.body}
        error={fields.body}
      />
      <TextField name="contentType" label="Content type" defaultValue={before.contentType} error={fields.contentType} />
      <LargeField
        name="applicationProperties"
        label="Application properties (JSON)"
        rows={4}
        text={before.applicationProperties}
        error={fields.applicationProperties}
      />
      <KeepMessageId label="Keep the message id" />
      <DialogFooter
        error={resubmit.error ?? fields.connectionString ?? fields.queueName}
        submitLabel="Resubmit"
        isPending={resubmit.isPending}
        onCancel={onClose}
      />
    </form>
  )
}

type LargeFieldProps = { name: string; label: string; rows: number; text: string | null; error?: string }

/** A text to edit; what is too large for that is sent as it is. */
function LargeField({ text, ...field }: LargeFieldProps) {
  if (text === null) {
    return (
      <div className="flex flex-col gap-1.5">
        <span className="font-semibold">{field.label}</span>
        <p className="text-ink-soft">Too large to be edited here. It is sent as it is.</p>
      </div>
    )
  }
  return <TextareaField {...field} style={MONO} spellCheck={false} defaultValue={text} />
}
