import { notFound } from 'next/navigation'
import { AlgorithmChecklist } from '@/components/algorithms/algorithm-checklist'
import { DeleteAlgorithmSection } from '@/components/algorithms/delete-algorithm-section'
import { LimitsForm } from '@/components/algorithms/limits-form'
import { SettingsForm } from '@/components/algorithms/settings-form'
import { SecretsSection } from '@/components/secrets/secrets-section'
import { listSecrets } from '@/lib/secrets/queries'
import { readLimitMaxima } from '@/lib/settings/queries'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'
import { type AlgorithmProps, loadAlgorithm } from '../load'

export default async function SettingsPage({ params }: AlgorithmProps) {
  const path = await params
  const algorithm = await loadAlgorithm(path.owner, path.name)
  if (!algorithm.canEdit) notFound()
  const secrets = await orNotFound(listSecrets(await requireContext(), path))
  return (
    <div className="flex max-w-5xl flex-col gap-12">
      <AlgorithmChecklist algorithm={algorithm} />
      <SettingsForm path={path} algorithm={algorithm} />
      <LimitsForm path={path} limits={algorithm.limits} maxima={await readLimitMaxima()} />
      <SecretsSection path={path} secrets={secrets} />
      <DeleteAlgorithmSection path={path} endpoint={algorithm.endpoint} hasPublicVersion={algorithm.hasPublicVersion} />
    </div>
  )
}
