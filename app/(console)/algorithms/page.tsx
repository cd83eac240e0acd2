import type { Metadata } from 'next'
import { AlgorithmList } from '@/components/algorithms/algorithm-list'
import { LinkButton } from '@/components/ui/button'
import { PageHeader } from '@/components/ui/page-header'
import { SearchInput } from '@/components/ui/search-input'
import { listAlgorithms } from '@/lib/algorithms/queries'
import { ListAlgorithms } from '@/lib/algorithms/schema'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Algorithms' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function AlgorithmsPage({ searchParams }: Props) {
  const { q, page } = await searchParams
  const wanted = ListAlgorithms.parse({ search: q, page })
  const list = await listAlgorithms(await requireContext(), wanted)
  return (
    <>
      <PageHeader
        title="Algorithms"
        actions={
          <LinkButton variant="primary" href="/algorithms/new">
            New Algorithm
          </LinkButton>
        }
      />
      <SearchInput label="Search algorithms" placeholder="Search" className="mb-4" />
      <AlgorithmList {...list} search={wanted.search} />
    </>
  )
}
