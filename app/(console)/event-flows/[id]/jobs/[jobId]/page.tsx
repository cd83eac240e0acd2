import { JobView } from '@/components/queue-tools/job-view'
import { getJob } from '@/lib/queue-tools/jobs/queries'
import { orNotFound } from '@/lib/web/errors'
import { idOrNotFound } from '@/lib/web/page-id'
import { requireContext } from '@/lib/web/session'
import { loadFlow } from '../../load'

type Props = { params: Promise<{ id: string; jobId: string }> }

export default async function JobPage({ params }: Props) {
  const ctx = await requireContext()
  const { id, jobId } = await params
  const flow = await loadFlow(id)
  const job = await orNotFound(getJob(ctx, { flowId: flow.id, jobId: idOrNotFound(jobId) }))
  return <JobView flowId={flow.id} job={job} canManage={flow.isMine} />
}
