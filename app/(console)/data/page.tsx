import { LayoutGrid } from 'lucide-react'
import type { Metadata } from 'next'
import { DataSourceTable } from '@/components/data/data-source-table'
import { NewDataSource } from '@/components/data/new-data-source'
import { PageHeader } from '@/components/ui/page-header'
import { SearchInput } from '@/components/ui/search-input'
import { listOwners, searchCollections } from '@/lib/data/queries'
import { DataSourcesView } from '@/lib/data/schema'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Data Sources' }

export default async function DataSourcesPage({ searchParams }: PageProps<'/data'>) {
  const view = DataSourcesView.parse(await searchParams)
  const ctx = await requireContext()
  const [owners, collections] = await Promise.all([
    listOwners(ctx),
    view.q ? searchCollections(ctx, view.q) : Promise.resolve([]),
  ])
  return (
    <>
      <PageHeader
        icon={<LayoutGrid aria-hidden />}
        title="Data Sources"
        description="Files that your algorithms read and write, at paths that begin with data://."
      />
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <SearchInput label="Search data sources and collections" placeholder="Search…" className="max-w-none flex-1" />
        <NewDataSource owners={owners} isAsked={view.new === 'collection'} />
      </div>
      <DataSourceTable owners={owners} collections={collections} search={view.q} />
    </>
  )
}
