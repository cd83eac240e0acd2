import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { FlowHeader } from '@/components/event-flows/flow-header'
import { FlowTabs } from '@/components/event-flows/flow-tabs'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { getBrokerFormOptions } from '@/lib/event-flows/form-options'
import { requireContext } from '@/lib/web/session'
import { type FlowProps, loadFlow } from './load'

export const metadata: Metadata = { title: 'Event flow' }

export default async function FlowLayout({ params, children }: FlowProps & { children: ReactNode }) {
  const ctx = await requireContext()
  const flow = await loadFlow((await params).id)
  return (
    <>
      <LiveRefresh topics={[`flow:${flow.id}`]} />
      <FlowHeader flow={flow} options={getBrokerFormOptions(ctx)} />
      <FlowTabs flowId={flow.id} />
      <div className="pt-8">{children}</div>
    </>
  )
}
