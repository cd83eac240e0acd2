import { Overview } from '@/components/algorithms/overview'
import { getAlgorithmMetrics } from '@/lib/algorithms/queries'
import { env } from '@/lib/env'
import { requireContext } from '@/lib/web/session'
import { type AlgorithmProps, loadAlgorithm } from './load'

export default async function OverviewPage({ params }: AlgorithmProps) {
  const { owner, name } = await params
  const algorithm = await loadAlgorithm(owner, name)
  const metrics = await getAlgorithmMetrics(await requireContext(), { owner, name })
  return <Overview algorithm={algorithm} metrics={metrics} apiUrl={env().NEXTAUTH_URL} />
}
