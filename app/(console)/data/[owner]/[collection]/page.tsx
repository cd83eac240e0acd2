import type { Metadata } from 'next'
import { CollectionHeader } from '@/components/data/collection-header'
import { FilePreview } from '@/components/data/file-preview'
import { FileTable } from '@/components/data/file-table'
import { ScrollIntoView } from '@/components/data/scroll-into-view'
import { UploadFiles } from '@/components/data/upload-files'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { Pager } from '@/components/ui/pager'
import { SearchInput } from '@/components/ui/search-input'
import { tryPreview } from '@/lib/data/preview'
import { browseFiles, FILES_PER_PAGE } from '@/lib/data/queries'
import { FileListView } from '@/lib/data/schema'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

type CollectionPageProps = PageProps<'/data/[owner]/[collection]'>

export async function generateMetadata({ params }: CollectionPageProps): Promise<Metadata> {
  return { title: (await params).collection }
}

export default async function CollectionPage({ params, searchParams }: CollectionPageProps) {
  const path = await params
  const query = await searchParams
  const view = FileListView.parse(query)
  const ctx = await requireContext()
  const { collection, files, total, page } = await orNotFound(
    browseFiles(ctx, { ...path, search: view.q, page: view.page }),
  )
  const shown = view.file === undefined ? null : await tryPreview(ctx, { ...path, file: view.file })
  const owner = collection.owner.name
  return (
    <>
      <CollectionHeader collection={collection} />
      <div className="mb-3 flex flex-wrap items-start gap-3">
        <SearchInput label="Search files" placeholder="Search…" className="max-w-none min-w-52 flex-1" />
        {collection.mayWrite && <UploadFiles owner={owner} collection={collection.name} />}
      </div>
      <FileTable collection={collection} files={files} searchParams={query} search={view.q} shownFile={view.file} />
      {total > 0 && <Pager page={page} pageSize={FILES_PER_PAGE} total={total} searchParams={query} />}
      {view.file !== undefined && shown && (
        <ScrollIntoView key={view.file}>
          <FilePreview owner={owner} collection={collection.name} name={view.file} file={shown} />
        </ScrollIntoView>
      )}
      <LiveRefresh topics={[`collection:${collection.id}`]} />
    </>
  )
}
