import type { Metadata } from 'next'
import { EnvironmentTable } from '@/components/environments/environment-table'
import { FindEnvironmentsButton } from '@/components/environments/find-environments-button'
import { PackageEnvironmentTable } from '@/components/environments/package-environment-table'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { listManagedEnvironments } from '@/lib/environments/queries'
import { listPackageEnvironments } from '@/lib/package-environments/queries'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Environments' }

export default async function EnvironmentsPage() {
  const ctx = await requireContext()
  const environments = await orNotFound(listManagedEnvironments(ctx))
  const packages = await orNotFound(listPackageEnvironments(ctx))
  return (
    <>
      <PageHeader
        title="Environments"
        description="The language runtimes that were found on this machine and that a worker may execute. What is offered can be chosen for a new algorithm; an algorithm keeps the one that it has."
        actions={<FindEnvironmentsButton />}
      />
      <div className="flex flex-col gap-12">
        {environments.length === 0 ? (
          <EmptyState title="No language runtime was found">
            Install Python 3 or Node.js where every user may read it, say with the system’s package manager, then look
            again.
          </EmptyState>
        ) : (
          <EnvironmentTable environments={environments} />
        )}
        <PackageEnvironmentTable listed={packages} />
      </div>
    </>
  )
}
