import Link from 'next/link'
import type { ReactNode } from 'react'
import { TimeAgo } from '@/components/ui/local-time'
import { Pager, type SearchParams } from '@/components/ui/pager'
import { SortControl } from '@/components/ui/param-select'
import { SearchInput } from '@/components/ui/search-input'
import { TextLink } from '@/components/ui/text-link'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import type { FlowPage, FlowRow } from '@/lib/event-flows/queries'
import { RoundBrokerIcon } from './broker-icon'
import { FlowActions } from './flow-actions'
import { FlowCounts } from './flow-counts'
import { FlowState } from './flow-state'

const SORTS = [
  { value: 'uri', label: 'URI' },
  { value: 'algorithm', label: 'Algorithm' },
  { value: 'state', label: 'State' },
  { value: 'last-delivery', label: 'Last delivery' },
]

type FlowListProps = {
  page: FlowPage
  searchParams: SearchParams
  options: BrokerFormOptions
  /** At the right of the toolbar: `New broker` where one can be made. */
  action?: ReactNode
  /** Names each flow's owner, where the list is of many accounts. */
  hasOwners?: boolean
}

/** Event flows with a filter, an order and what one can do to each. */
export function FlowList({ page, searchParams, options, action, hasOwners }: FlowListProps) {
  return (
    <div>
      <div className="flex flex-wrap items-center justify-between gap-4 border-b py-5">
        <SearchInput />
        <div className="flex flex-wrap items-center gap-4">
          <SortControl options={SORTS} defaultSort="uri" />
          {action}
        </div>
      </div>
      {page.flows.length === 0 && (
        <p className="py-12 text-center text-ink-soft">No event flow matches. Change the filter to see others.</p>
      )}
      <ul>
        {page.flows.map((flow) => (
          <FlowListRow key={flow.id} flow={flow} options={options} hasOwner={hasOwners} />
        ))}
      </ul>
      <Pager page={page.page} pageSize={page.perPage} total={page.total} searchParams={searchParams} />
    </div>
  )
}

function FlowListRow({ flow, options, hasOwner }: { flow: FlowRow; options: BrokerFormOptions; hasOwner?: boolean }) {
  const { owner, name } = flow.algorithm
  return (
    <li className="grid grid-cols-[3rem_minmax(0,1fr)] items-start gap-x-4 gap-y-3 border-b py-5 xl:grid-cols-[3rem_minmax(0,1fr)_minmax(0,1fr)_auto]">
      <RoundBrokerIcon />
      <div className="flex flex-col gap-0.5">
        <Link href={`/event-flows/${flow.id}`} className="break-all font-bold text-base hover:underline">
          {flow.queueName}
        </Link>
        <TextLink href={`/algorithms/${owner}/${name}`} className="break-all">
          {flow.endpoint}
        </TextLink>
        <span className="text-ink-soft text-sm">
          AzureSB · <span className="break-all">{flow.namespaceHost}</span>
          {hasOwner && <> · owner {flow.ownerName}</>}
        </span>
      </div>
      <div className="col-start-2 flex flex-col gap-1.5 xl:col-start-3">
        <FlowState flow={flow} />
        <FlowCounts flow={flow} />
        <span className="text-ink-soft text-sm">
          {flow.lastDeliveryAt ? (
            <>
              Last delivery <TimeAgo at={flow.lastDeliveryAt} />
            </>
          ) : (
            'No delivery yet'
          )}
        </span>
      </div>
      <div className="col-span-2 sm:col-span-1 sm:col-start-2 xl:col-start-4 xl:w-80">
        {flow.isMine && <FlowActions flow={flow} options={options} />}
      </div>
    </li>
  )
}
