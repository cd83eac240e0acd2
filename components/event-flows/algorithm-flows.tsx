import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import type { SearchParams } from '@/components/ui/pager'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import type { AlgorithmFlowPage } from '@/lib/event-flows/queries'
import { ConnectBrokerButton } from './connect-broker-button'
import { FlowList } from './flow-list'

type AlgorithmFlowsProps = { page: AlgorithmFlowPage; searchParams: SearchParams; options: BrokerFormOptions }

/** The Events tab of an algorithm. */
export function AlgorithmFlows({ page, searchParams, options }: AlgorithmFlowsProps) {
  const { algorithm, hasFlows } = page
  const connect = { endpoint: algorithm.endpoint, options }
  if (!hasFlows) {
    return (
      <EmptyState
        title="Connect to a message broker"
        actions={
          <>
            <LinkButton href="/docs">Learn more</LinkButton>
            {algorithm.isMine && <ConnectBrokerButton label="Connect broker" variant="accent" {...connect} />}
          </>
        }
      >
        Connect one of your Azure Service Bus queues, and each message that is published to it runs this algorithm.
      </EmptyState>
    )
  }
  return (
    <FlowList
      page={page}
      searchParams={searchParams}
      options={options}
      action={algorithm.isMine && <ConnectBrokerButton label="New broker" variant="primary" {...connect} />}
    />
  )
}
