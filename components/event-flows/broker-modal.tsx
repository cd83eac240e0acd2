'use client'

import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { Modal } from '@/components/ui/dialog'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { connectBrokerAction, editEventFlowAction } from '@/lib/event-flows/actions'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import type { FlowRow } from '@/lib/event-flows/queries'
import { BrokerForm } from './broker-form'
import { optionValues } from './option-values'

type BrokerModalProps = {
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  /** The flow to edit; without one a new flow is connected. */
  flow?: Pick<FlowRow, 'id' | 'queueName' | 'timeoutSeconds' | 'options'>
  endpoint: string
  options: BrokerFormOptions
}

/** The full-page form that connects a queue to an algorithm, or changes what is connected. */
export function BrokerModal({ isOpen, onOpenChange, flow, endpoint, options }: BrokerModalProps) {
  const onClose = () => onOpenChange(false)
  return (
    <Modal
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={flow ? 'Edit Azure SB broker' : 'Connect Azure SB broker'}
      description="An event flow runs one of your algorithms for each message on one of your Azure Service Bus queues."
    >
      {flow ? (
        <EditForm {...{ flow, endpoint, options, onClose }} />
      ) : (
        <ConnectForm {...{ endpoint, options, onClose }} />
      )}
    </Modal>
  )
}

type FormProps = { endpoint: string; options: BrokerFormOptions; onClose: () => void }

function ConnectForm({ endpoint, options, onClose }: FormProps) {
  const router = useRouter()
  const { run, isPending, error, fields } = useAction(connectBrokerAction)
  return (
    <BrokerForm
      {...{ endpoint, options, isPending, error, fields }}
      submitLabel="Connect to Azure SB broker"
      onCancel={onClose}
      onSubmit={(event) => {
        const values = formValues(event)
        const { queueName = '', connectionString = '', algorithm = '', timeoutSeconds } = values
        run({ queueName, connectionString, algorithm, timeoutSeconds, ...optionValues(values) }, () => {
          toast.success(`Connected to ${queueName}.`)
          onClose()
          router.refresh()
        })
      }}
    />
  )
}

function EditForm({ flow, endpoint, options, onClose }: FormProps & { flow: NonNullable<BrokerModalProps['flow']> }) {
  const router = useRouter()
  const { run, isPending, error, fields } = useAction(editEventFlowAction)
  return (
    <BrokerForm
      {...{ endpoint, options, isPending, error, fields }}
      stored={flow}
      submitLabel="Save changes"
      onCancel={onClose}
      onSubmit={(event) => {
        const values = formValues(event)
        const { queueName = '', connectionString = '', algorithm = '', timeoutSeconds } = values
        const options = optionValues(values)
        run({ id: flow.id, queueName, connectionString, algorithm, timeoutSeconds, ...options }, () => {
          toast.success(`Saved the event flow of ${queueName}.`)
          onClose()
          router.refresh()
        })
      }}
    />
  )
}
