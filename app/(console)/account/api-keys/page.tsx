import type { Metadata } from 'next'
import { ApiKeyList } from '@/components/api-keys/api-key-list'
import { LinkButton } from '@/components/ui/button'
import type { SearchParams } from '@/components/ui/pager'
import { SortControl } from '@/components/ui/param-select'
import { SearchInput } from '@/components/ui/search-input'
import { listApiKeys } from '@/lib/api-keys/queries'
import { ApiKeyListParams } from '@/lib/api-keys/schema'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'API Keys' }

export default async function ApiKeysPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const ctx = await requireContext()
  const params = ApiKeyListParams.parse(await searchParams)
  const keys = await listApiKeys(ctx, params)
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-4 border-b pb-4">
        <SearchInput />
        <div className="ml-auto flex flex-wrap items-center gap-4">
          <SortControl options={[{ value: 'created', label: 'Created' }]} defaultSort="created" defaultOrder="desc" />
          <LinkButton variant="primary" href="/account/api-keys/new">
            New API Key
          </LinkButton>
        </div>
      </div>
      <ApiKeyList keys={keys} isFiltered={params.q !== ''} />
    </>
  )
}
