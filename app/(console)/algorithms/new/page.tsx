import type { Metadata } from 'next'
import { CreateAlgorithmForm } from '@/components/algorithms/create-algorithm-form'
import { Breadcrumbs, PageHeader } from '@/components/ui/page-header'
import { listOwnedAccounts } from '@/lib/accounts/queries'
import { listEnvironments } from '@/lib/environments/queries'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'New algorithm' }

export default async function NewAlgorithmPage() {
  const ctx = await requireContext()
  const [owners, environments] = await Promise.all([listOwnedAccounts(ctx), listEnvironments(ctx)])
  return (
    <div className="mx-auto max-w-3xl">
      <Breadcrumbs items={[{ label: 'Algorithms', href: '/algorithms' }, { label: 'New' }]} />
      <PageHeader title="Create an Algorithm" />
      <CreateAlgorithmForm
        owners={owners.map(({ name }) => name)}
        environments={environments}
        ownName={ctx.actor.name}
      />
    </div>
  )
}
