import { notFound } from 'next/navigation'
import { SecretForm } from '@/components/secrets/secret-form'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { listSecrets } from '@/lib/secrets/queries'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

type Props = { params: Promise<AlgorithmPath & { secretId: string }> }

export default async function UpdateSecretPage({ params }: Props) {
  const { secretId, ...path } = await params
  const secrets = await orNotFound(listSecrets(await requireContext(), path))
  const secret = secrets.find(({ id }) => id === secretId)
  if (!secret) notFound()
  return <SecretForm path={path} secret={secret} />
}
