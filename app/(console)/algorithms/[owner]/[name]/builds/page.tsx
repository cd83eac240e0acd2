import { BuildTable } from '@/components/builds/build-table'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { ParamSelect } from '@/components/ui/param-select'
import { SearchInput } from '@/components/ui/search-input'
import { listBuilds } from '@/lib/builds/queries'
import { BUILD_STATUS_LABELS, BuildStatus, ListBuilds } from '@/lib/builds/schema'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'
import type { AlgorithmProps } from '../load'

type Props = AlgorithmProps & { searchParams: Promise<Record<string, string | string[] | undefined>> }

const STATUS_OPTIONS = [
  { value: 'all', label: 'All' },
  ...BuildStatus.options.map((status) => ({ value: status, label: BUILD_STATUS_LABELS[status] })),
]

export default async function BuildsPage({ params, searchParams }: Props) {
  const path = await params
  const { q, status, page } = await searchParams
  const wanted = ListBuilds.parse({ ...path, filter: q, status, page })
  const { algorithmId, ...list } = await orNotFound(listBuilds(await requireContext(), wanted))
  const isFiltered = wanted.filter !== '' || wanted.status !== 'all'
  return (
    <>
      <LiveRefresh topics={[`algorithm:${algorithmId}`]} />
      <div className="mb-4 flex flex-wrap items-center justify-between gap-4">
        <SearchInput label="Filter" />
        <ParamSelect param="status" label="Filter by" options={STATUS_OPTIONS} defaultValue="all" />
      </div>
      <BuildTable path={path} {...list} isFiltered={isFiltered} searchParams={await searchParams} />
    </>
  )
}
