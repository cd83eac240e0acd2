'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { useAction } from '@/components/ui/use-action'
import { findEnvironmentsAction } from '@/lib/environments/actions'
import type { PassedOver } from '@/lib/environments/discover'

type Result = { title: string; passedOver: PassedOver[] }

/** Looks for runtimes again, say after one was installed, and says which interpreters can not be used and why. */
export function FindEnvironmentsButton() {
  const router = useRouter()
  const { run, isPending } = useAction(findEnvironmentsAction)
  const [result, setResult] = useState<Result>()

  function find() {
    run({}, ({ count, passedOver }) => {
      const title = count === 1 ? 'One runtime was found' : `${count} runtimes were found`
      if (passedOver.length > 0) setResult({ title, passedOver })
      else toast.success(title)
      router.refresh()
    })
  }

  return (
    <>
      <Button onClick={find} isPending={isPending}>
        Look again
      </Button>
      {result && (
        <Dialog isOpen onOpenChange={() => setResult(undefined)} title={result.title} className="max-w-2xl">
          <p>These are there too, and were passed over:</p>
          <PassedOverList passedOver={result.passedOver} />
        </Dialog>
      )}
    </>
  )
}

/** By reason: often all that a version manager keeps in one home folder have the same. */
function PassedOverList({ passedOver }: Pick<Result, 'passedOver'>) {
  const reasons = [...new Set(passedOver.map(({ why }) => why))]
  return (
    <dl className="flex flex-col gap-4">
      {reasons.map((reason) => (
        <div key={reason}>
          <dt className="break-words">{reason}</dt>
          {passedOver
            .filter(({ why }) => why === reason)
            .map(({ interpreterPath }) => (
              <dd key={interpreterPath} className="break-all font-mono text-ink-soft text-sm">
                {interpreterPath}
              </dd>
            ))}
        </div>
      ))}
    </dl>
  )
}
