'use client'

import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { FormError, TextareaField, TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { resubmitEditedAction } from '@/lib/queue-tools/actions'
import type { MessageDetail } from '@/lib/queue-tools/browse-messages'
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
      {message.body.isCut ? (
        <p>This body is too large to edit here. Resubmit it as it is.</p>
      ) : (
        <EditForm flowId={flowId} message={message} onClose={onClose} onSent={onSent} />
      )}
    </Dialog>
  )
}

const MONO = { fontFamily: 'var(--font-mono)' }

function EditForm({ flowId, message, onClose, onSent }: Omit<EditDialogProps, 'isOpen'>) {
  const resubmit = useAction(resubmitEditedAction)
  const isBinary = message.body.type === 'binary'
  const fields = resubmit.fields
  return (
    <form
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        const { body = '', contentType = '', applicationProperties = '', keep } = formValues(event)
        const edited = {
          flowId,
          sequenceNumber: message.sequenceNumber,
          keepMessageId: keep === 'on',
          // A form gives line breaks as the web does; the message had its own.
          body: message.body.content.includes('\r\n') ? body : body.replaceAll('\r\n', '\n'),
          bodyEncoding: isBinary ? ('base64' as const) : ('text' as const),
          contentType,
          applicationProperties,
        }
        resubmit.run(edited, ({ messageId, isRemoved }) => {
          if (isRemoved) toast.success('Resubmitted.', { description: `Message id ${messageId}` })
          else toast.warning('The copy is on the queue, but its dead letter could not be removed. Purge it.')
          onClose()
          onSent()
        })
      }}
    >
      <TextareaField
        name="body"
        label={isBinary ? 'Body (base64)' : 'Body'}
        rows={10}
        style={MONO}
        spellCheck={false}
        defaultValue={message.body.content}
        error={fields.body}
      />
      <TextField
        name="contentType"
        label="Content type"
        defaultValue={message.contentType ?? ''}
        error={fields.contentType}
      />
      <TextareaField
        name="applicationProperties"
        label="Application properties (JSON)"
        rows={4}
        style={MONO}
        spellCheck={false}
        defaultValue={JSON.stringify(message.applicationProperties, null, 2)}
        error={fields.applicationProperties}
      />
      <KeepMessageId />
      <FormError message={resubmit.error ?? fields.connectionString ?? fields.queueName} />
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={resubmit.isPending}>
          Resubmit
        </Button>
      </div>
    </form>
  )
}
