import { JobList } from '@/components/queue-tools/job-list'
import { listJobs } from '@/lib/queue-tools/jobs/queries'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'
import { type FlowProps, loadFlow } from '../load'

export default async function JobsPage({ params }: FlowProps) {
  const ctx = await requireContext()
  const flow = await loadFlow((await params).id)
  const jobs = await orNotFound(listJobs(ctx, { flowId: flow.id }))
  return <JobList flowId={flow.id} jobs={jobs} canManage={flow.isMine} />
}
