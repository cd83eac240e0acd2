import { MessageBrowser } from '@/components/queue-tools/message-browser'
import { NotYours } from '@/components/queue-tools/not-yours'
import { listFlowVersions } from '@/lib/event-flows/flow-versions'
import { requireContext } from '@/lib/web/session'
import { type FlowProps, loadFlow } from '../load'

export default async function QueuePage({ params }: FlowProps) {
  const ctx = await requireContext()
  const flow = await loadFlow((await params).id)
  if (!flow.isMine) return <NotYours ownerName={flow.algorithm.owner} />
  const versions = await listFlowVersions(ctx, { flowId: flow.id })
  return <MessageBrowser key="queue" flow={flow} place="queue" versions={versions} />
}
