import { VersionList } from '@/components/versions/version-list'
import { listVersions } from '@/lib/versions/queries'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'
import { type AlgorithmProps, loadAlgorithm } from '../load'

export default async function VersionsPage({ params }: AlgorithmProps) {
  const { owner, name } = await params
  const algorithm = await loadAlgorithm(owner, name)
  const versions = await orNotFound(listVersions(await requireContext(), { owner, name }))
  return <VersionList versions={versions} endpoint={algorithm.endpoint} canEdit={algorithm.canEdit} />
}
