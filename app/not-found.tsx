import type { Metadata } from 'next'
import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main>
      <h1 className="sr-only">Not found</h1>
      <EmptyState title="There is nothing here" actions={<LinkButton href="/">Go to Home</LinkButton>}>
        The page does not exist, or your account may not see it.
      </EmptyState>
    </main>
  )
}
