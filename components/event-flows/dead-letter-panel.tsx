'use client'

import { useEffect, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { FormError } from '@/components/ui/field'
import { SkeletonRows } from '@/components/ui/skeleton'
import { TextLink } from '@/components/ui/text-link'
import type { DeadLetters } from '@/lib/event-flows/dead-letters'
import { DeadLetterItem } from './dead-letter-item'
import { DEAD_LETTERS_ID } from './dead-letters-id'

const NO_ANSWER: DeadLetters = { problem: 'The server did not answer. Try again.', messages: [], hasMore: false }

/** What the broker has put aside; asked for again whenever `deadLetteredCount` changes, without taking anything. */
export function DeadLetterPanel({ flowId, deadLetteredCount }: { flowId: string; deadLetteredCount: number }) {
  const [answer, setAnswer] = useState<DeadLetters>()
  const [isAsking, setAsking] = useState(true)
  const [round, setRound] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the count or the round is a reason to ask again
  useEffect(() => {
    const stop = new AbortController()
    setAsking(true)
    askDeadLetters(flowId, stop.signal)
      .catch(() => NO_ANSWER)
      .then((found) => {
        if (stop.signal.aborted) return
        setAnswer(found)
        setAsking(false)
      })
    return () => stop.abort()
  }, [flowId, deadLetteredCount, round])

  return (
    <Section
      title={<span id={DEAD_LETTERS_ID}>Dead letters</span>}
      description="Messages that the broker has put aside: they failed as often as the queue allows, or can not succeed."
      actions={
        <Button size="sm" isPending={isAsking} onClick={() => setRound(round + 1)}>
          Look again
        </Button>
      }
    >
      {answer ? (
        <DeadLetterList flowId={flowId} answer={answer} />
      ) : (
        <SkeletonRows count={2} label="Asking the broker" />
      )}
    </Section>
  )
}

type DeadLetterListProps = { flowId: string; answer: DeadLetters }

function DeadLetterList({ flowId, answer: { problem, messages, hasMore } }: DeadLetterListProps) {
  if (problem) return <FormError message={`The dead-letter queue can not be shown now. ${problem}`} />
  if (messages.length === 0) return <p className="text-ink-soft">There are none.</p>
  return (
    <>
      <ul className="flex flex-col">
        {messages.map((message) => (
          <DeadLetterItem key={message.sequenceNumber} message={message} />
        ))}
      </ul>
      <p className="text-ink-soft">
        {hasMore && `There are more; these are the oldest ${messages.length}. `}
        <TextLink href={`/event-flows/${flowId}/dead-letters`}>Look through, edit or resubmit them</TextLink>
      </p>
    </>
  )
}

async function askDeadLetters(flowId: string, signal: AbortSignal): Promise<DeadLetters> {
  const answer = await fetch(`/api/event-flows/${flowId}/dead-letters`, { signal })
  return answer.ok ? await answer.json() : NO_ANSWER
}
