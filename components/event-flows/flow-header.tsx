import { Breadcrumbs, PageHeader } from '@/components/ui/page-header'
import { TextLink } from '@/components/ui/text-link'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import type { FlowRow } from '@/lib/event-flows/queries'
import { BrokerIcon } from './broker-icon'
import { FlowActions } from './flow-actions'
import { FlowControls } from './flow-controls'

/** The queue, what it runs, and what its owner can do. */
export function FlowHeader({ flow, options }: { flow: FlowRow; options: BrokerFormOptions }) {
  const { owner, name } = flow.algorithm
  const events = `/algorithms/${owner}/${name}/events`
  return (
    <>
      <Breadcrumbs
        items={[
          { label: `${owner}/${name}`, href: `/algorithms/${owner}/${name}` },
          { label: 'Events', href: events },
          { label: flow.queueName },
        ]}
      />
      <PageHeader
        icon={<BrokerIcon />}
        title={<span className="break-all">{flow.queueName}</span>}
        description={
          <>
            AzureSB · <span className="break-all">{flow.namespaceHost}</span> · runs{' '}
            <TextLink href={`/algorithms/${owner}/${name}`} className="underline">
              {flow.endpoint}
            </TextLink>
          </>
        }
        actions={
          flow.isMine && (
            <div className="flex flex-wrap gap-3 xl:justify-end">
              <FlowControls flow={flow} />
              <FlowActions flow={flow} options={options} afterDelete={events} />
            </div>
          )
        }
      />
    </>
  )
}
