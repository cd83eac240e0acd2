import type { Metadata } from 'next'
import { CreateNewButton } from '@/components/shell/create-menu'
import { Avatar } from '@/components/ui/avatar'
import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { getProfile } from '@/lib/accounts/queries'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Home' }

export default async function HomePage() {
  const profile = await getProfile(await requireContext())
  return (
    <>
      <header className="mb-8 flex flex-wrap items-start justify-between gap-4">
        <div className="flex items-center gap-5">
          <Avatar className="size-20 rounded-sm" />
          <div>
            <h1 className="font-bold text-2xl tracking-tight sm:text-3xl">{profile.displayName}</h1>
            <p className="text-ink-soft">{profile.name}</p>
          </div>
        </div>
        <CreateNewButton />
      </header>
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
    </>
  )
}
