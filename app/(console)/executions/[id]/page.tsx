import type { Metadata } from 'next'
import { ExecutionFacts } from '@/components/executions/execution-facts'
import { ExecutionHeader } from '@/components/executions/execution-header'
import { ExecutionOutput } from '@/components/executions/execution-output'
import { ExecutionTimeline } from '@/components/executions/execution-timeline'
import { MessageAttempts } from '@/components/executions/message-attempts'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { getExecution } from '@/lib/executions/queries'
import { orNotFound } from '@/lib/web/errors'
import { idOrNotFound } from '@/lib/web/page-id'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Execution' }

export default async function ExecutionPage({ params }: { params: Promise<{ id: string }> }) {
  const ctx = await requireContext()
  const { id } = await params
  const execution = await orNotFound(getExecution(ctx, { id: idOrNotFound(id) }))
  const { flow, algorithm } = execution
  return (
    <>
      <LiveRefresh topics={[flow ? `flow:${flow.id}` : `algorithm:${algorithm.id}`]} />
      <ExecutionHeader execution={execution} />
      <div className="flex flex-col gap-10">
        <div className="grid gap-4 lg:grid-cols-2">
          <ExecutionFacts execution={execution} />
          <ExecutionTimeline execution={execution} />
        </div>
        <ExecutionOutput execution={execution} />
        <MessageAttempts execution={execution} />
      </div>
    </>
  )
}
