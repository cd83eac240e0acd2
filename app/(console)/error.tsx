'use client'

import { Button } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'

/** `digest` is the id under which Next wrote the error to the server's log. */
export default function ConsoleError({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <div role="alert">
      <h1 className="sr-only">This page could not be shown</h1>
      <EmptyState
        title="This page could not be shown"
        actions={
          <Button variant="accent" onClick={retry}>
            Try again
          </Button>
        }
      >
        Something went wrong on the server.
        {error.digest && ` If it stays, give an administrator the id ${error.digest}.`}
      </EmptyState>
    </div>
  )
}
