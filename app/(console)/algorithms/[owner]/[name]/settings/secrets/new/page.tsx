import { notFound } from 'next/navigation'
import { SecretForm } from '@/components/secrets/secret-form'
import { type AlgorithmProps, loadAlgorithm } from '../../../load'

export default async function NewSecretPage({ params }: AlgorithmProps) {
  const path = await params
  const algorithm = await loadAlgorithm(path.owner, path.name)
  if (!algorithm.canEdit) notFound()
  return <SecretForm path={path} />
}
