'use client'

import { useState, useTransition } from 'react'
import type { FieldErrors } from '@/lib/errors'
import type { ActionResult } from '@/lib/web/action-result'

const NO_FIELDS: FieldErrors = {}
const UNREACHABLE = 'The server did not answer. Check that it is running, then try again.'

type Failure = { message: string; fields: FieldErrors }

/**
 * Runs a server action from a form or a button.
 * `error` is one sentence for the whole form, absent when `fields` already says it all beside the inputs.
 */
export function useAction<Input, Data>(action: (input: Input) => Promise<ActionResult<Data>>) {
  const [isPending, startTransition] = useTransition()
  const [failure, setFailure] = useState<Failure>()

  function run(input: Input, onSuccess?: (data: Data) => void): void {
    startTransition(async () => {
      const result = await action(input).catch(unreachable)
      startTransition(() => {
        setFailure(result.ok ? undefined : result.error)
        if (result.ok) onSuccess?.(result.data)
      })
    })
  }

  const fields = failure?.fields ?? NO_FIELDS
  const isSaidByFields = Object.keys(fields).length > 0
  return {
    run,
    isPending,
    error: isSaidByFields ? undefined : failure?.message,
    fields,
    reset: () => setFailure(undefined),
  }
}

function unreachable(error: unknown): ActionResult<never> {
  // Next's own signals (redirect, not found) travel as errors; they must reach the router.
  if (error instanceof Error && 'digest' in error && String(error.digest).startsWith('NEXT_')) throw error
  return { ok: false, error: { code: 'unavailable', message: UNREACHABLE, fields: {} } }
}
