'use client'

import { toast } from 'sonner'
import { Dialog } from '@/components/ui/dialog'
import { DialogFooter } from '@/components/ui/dialog-footer'
import { SelectField, TextareaField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { sendTestMessageAction } from '@/lib/event-flows/actions'
import { TEST_MESSAGE_CONTENT_TYPES } from '@/lib/event-flows/words'

const SAMPLE_BODY = '{"filename":"some-new-file.txt","data":"file contents to store"}'

const CONTENT_TYPE_LABELS = {
  'application/json': 'JSON (application/json)',
  'text/plain': 'Text (text/plain)',
} as const

type SendMessageDialogProps = {
  flow: { id: string; queueName: string; namespaceHost: string }
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
}

/** Sends a message to a flow's queue, as a publisher would. */
export function SendMessageDialog({ flow, isOpen, onOpenChange }: SendMessageDialogProps) {
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title="Send message"
      description={`To the queue ${flow.queueName} of ${flow.namespaceHost}, with this event flow's connection string.`}
    >
      <SendMessageForm flowId={flow.id} onClose={() => onOpenChange(false)} />
    </Dialog>
  )
}

function SendMessageForm({ flowId, onClose }: { flowId: string; onClose: () => void }) {
  const send = useAction(sendTestMessageAction)
  // The connection is the flow's own: what is wrong with it has no field here.
  const error = send.error ?? send.fields.connectionString ?? send.fields.queueName
  return (
    <form
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        const { body = '', contentType } = formValues(event)
        const chosen = TEST_MESSAGE_CONTENT_TYPES.find((type) => type === contentType)
        send.run({ id: flowId, body, contentType: chosen }, ({ messageId }) => {
          toast.success('Message sent.', { description: `Message id ${messageId}` })
          onClose()
        })
      }}
    >
      <TextareaField
        name="body"
        label="Message body"
        rows={6}
        style={{ fontFamily: 'var(--font-mono)' }}
        spellCheck={false}
        defaultValue={SAMPLE_BODY}
        error={send.fields.body}
      />
      <SelectField name="contentType" label="Content type" error={send.fields.contentType}>
        {TEST_MESSAGE_CONTENT_TYPES.map((type) => (
          <option key={type} value={type}>
            {CONTENT_TYPE_LABELS[type]}
          </option>
        ))}
      </SelectField>
      <DialogFooter error={error} submitLabel="Send" isPending={send.isPending} onCancel={onClose} />
    </form>
  )
}
