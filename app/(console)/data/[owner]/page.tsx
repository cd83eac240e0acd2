import type { Metadata } from 'next'
import { CollectionTable } from '@/components/data/collection-table'
import { DataBreadcrumb } from '@/components/data/data-breadcrumb'
import { NewCollectionButton } from '@/components/data/new-data-source'
import { CopyButton } from '@/components/ui/copy-button'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { SearchInput } from '@/components/ui/search-input'
import { listCollections } from '@/lib/data/queries'
import { CollectionListView } from '@/lib/data/schema'
import { formatDataUri, OWN_ACCOUNT } from '@/lib/data/uri'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Hosted data' }

export default async function HostedDataPage({ params, searchParams }: PageProps<'/data/[owner]'>) {
  const { owner: name } = await params
  const { q } = CollectionListView.parse(await searchParams)
  const ctx = await requireContext()
  const { owner, collections } = await orNotFound(listCollections(ctx, { owner: name, search: q }))
  const uri = formatDataUri(owner.isMine ? OWN_ACCOUNT : owner.name)
  return (
    <>
      <header className="mb-6 flex flex-col gap-3">
        <DataBreadcrumb owner={owner.name}>
          <CopyButton text={uri} label="Copy Path" />
        </DataBreadcrumb>
        <p className="text-ink-soft">
          Owner: {owner.displayName} <span className="ml-6">Path: {uri}</span>
        </p>
      </header>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <SearchInput label="Search collections" placeholder="Search…" className="max-w-none flex-1" />
        {owner.isMine && <NewCollectionButton owner={owner} />}
      </div>
      <CollectionTable owner={owner} collections={collections} search={q} />
      {owner.isMine && <LiveRefresh topics={[`account:${owner.id}`]} />}
    </>
  )
}
