'use client'

import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { useAction } from '@/components/ui/use-action'
import { findEnvironmentsAction } from '@/lib/environments/actions'

/** Looks for runtimes again, say after one was installed. */
export function FindEnvironmentsButton() {
  const router = useRouter()
  const { run, isPending } = useAction(findEnvironmentsAction)

  function find() {
    run({}, ({ count }) => {
      toast.success(count === 1 ? 'One runtime was found' : `${count} runtimes were found`)
      router.refresh()
    })
  }

  return (
    <Button onClick={find} isPending={isPending}>
      Look again
    </Button>
  )
}
