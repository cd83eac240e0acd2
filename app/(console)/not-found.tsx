import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'

export default function NotFound() {
  return (
    <>
      <h1 className="sr-only">Not found</h1>
      <EmptyState title="There is nothing here" actions={<LinkButton href="/">Go to Home</LinkButton>}>
        It does not exist, or your account may not see it.
      </EmptyState>
    </>
  )
}
