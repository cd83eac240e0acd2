import type { Metadata } from 'next'
import { FlowOverview } from '@/components/home/flow-overview'
import { RecentAlgorithms } from '@/components/home/recent-algorithms'
import { CreateNewButton } from '@/components/shell/create-menu'
import { Avatar } from '@/components/ui/avatar'
import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { getProfile } from '@/lib/accounts/queries'
import { listAlgorithms } from '@/lib/algorithms/queries'
import { accountOf } from '@/lib/context'
import { listMine } from '@/lib/event-flows/queries'
import { FlowListView } from '@/lib/event-flows/schema'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Home' }

const RECENT = 5

export default async function HomePage() {
  const ctx = await requireContext()
  const [profile, { algorithms }, { flows }] = await Promise.all([
    getProfile(ctx),
    listAlgorithms(ctx, {}),
    listMine(ctx, FlowListView.parse({ sort: 'last-delivery', order: 'desc' })),
  ])
  const recent = algorithms.slice(0, RECENT)
  const mine = algorithms.find((algorithm) => algorithm.isMine)
  return (
    <>
      <header className="mb-10 flex flex-wrap items-start justify-between gap-4">
        <div className="flex items-center gap-5">
          <Avatar className="size-20 rounded-sm" />
          <div>
            <h1 className="font-bold text-2xl tracking-tight sm:text-3xl">{profile.displayName}</h1>
            <p className="text-ink-soft">{profile.name}</p>
          </div>
        </div>
        <CreateNewButton />
      </header>
      {recent.length === 0 ? (
        <NoAlgorithms />
      ) : (
        <div className="grid gap-12 xl:grid-cols-2">
          <LiveRefresh topics={[`account:${accountOf(ctx)}`, ...flows.map(({ id }) => `flow:${id}` as const)]} />
          <RecentAlgorithms algorithms={recent} />
          <FlowOverview
            flows={flows.slice(0, RECENT)}
            eventsHref={mine ? `/algorithms/${mine.endpoint}/events` : '/algorithms/new'}
          />
        </div>
      )}
    </>
  )
}

function NoAlgorithms() {
  return (
    <EmptyState
      title="Write your first algorithm"
      actions={
        <LinkButton variant="accent" href="/algorithms/new">
          Create an algorithm
        </LinkButton>
      }
    >
      An algorithm is the code that runs for every message. Write and build it here, publish a version, then connect a
      queue of your message broker to it.
    </EmptyState>
  )
}
