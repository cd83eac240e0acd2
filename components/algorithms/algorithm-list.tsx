import { Badge } from '@/components/ui/badge'
import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { TimeAgo } from '@/components/ui/local-time'
import { Pager } from '@/components/ui/pager'
import { TextLink } from '@/components/ui/text-link'
import { ALGORITHMS_PER_PAGE, type AlgorithmSummary } from '@/lib/algorithms/queries'

type Props = { algorithms: AlgorithmSummary[]; total: number; page: number; search: string }

/** The catalogue: one's own algorithms and the public ones of others. */
export function AlgorithmList({ algorithms, total, page, search }: Props) {
  if (total === 0) return search ? <NothingFound search={search} /> : <NoAlgorithms />
  return (
    <>
      <ul aria-label="Algorithms" className="border-t">
        {algorithms.map((algorithm) => (
          <AlgorithmRow key={algorithm.id} algorithm={algorithm} />
        ))}
      </ul>
      <Pager page={page} pageSize={ALGORITHMS_PER_PAGE} total={total} searchParams={search ? { q: search } : {}} />
    </>
  )
}

function AlgorithmRow({ algorithm }: { algorithm: AlgorithmSummary }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b px-3 py-4 hover:bg-side">
      <div className="flex min-w-0 flex-col gap-1">
        <TextLink href={`/algorithms/${algorithm.endpoint}`} className="break-words font-bold text-base">
          {algorithm.label}
        </TextLink>
        <span className="break-all font-mono text-ink-soft text-sm">
          {algorithm.endpoint}
          {algorithm.semanticVersion && `/${algorithm.semanticVersion}`}
        </span>
        {algorithm.tagline && <span>{algorithm.tagline}</span>}
      </div>
      <div className="flex flex-wrap items-center gap-3 text-ink-soft text-sm">
        <span>{algorithm.environment.displayName}</span>
        {!algorithm.semanticVersion && <Badge>Not published</Badge>}
        <Badge>{algorithm.isPublic ? 'Public' : 'Private'}</Badge>
        <span>
          Updated <TimeAgo at={algorithm.updatedAt} />
        </span>
      </div>
    </li>
  )
}

function NoAlgorithms() {
  return (
    <EmptyState
      title="There are no algorithms yet"
      actions={
        <LinkButton variant="accent" href="/algorithms/new">
          Create an algorithm
        </LinkButton>
      }
    >
      An algorithm is the code that runs for every message of a queue, and for every call over HTTP.
    </EmptyState>
  )
}

function NothingFound({ search }: { search: string }) {
  return (
    <EmptyState
      title={`No algorithm matches “${search}”`}
      actions={<LinkButton href="/algorithms">Show all algorithms</LinkButton>}
    >
      The search looks at owners, names, titles and taglines.
    </EmptyState>
  )
}
