'use client'

import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { FormError } from '@/components/ui/field'
import { SkeletonRows } from '@/components/ui/skeleton'
import type { FlowDetail } from '@/lib/event-flows/queries'
import { BrowserToolbar } from './browser-toolbar'
import { MessageActions } from './message-actions'
import { MessagePane } from './message-pane'
import { MessageTable } from './message-table'
import { type MessageFilterValues, useMessages } from './use-messages'

export type Place = 'queue' | 'dead_letter'

type MessageBrowserProps = { flow: Pick<FlowDetail, 'id' | 'queueName'>; place: Place; versions: string[] }

const WORDS = {
  queue: {
    title: 'Messages on the queue',
    description: 'Looked at without taking any: the consumer receives them as if nobody had looked.',
    empty: 'The queue is empty.',
  },
  dead_letter: {
    title: 'Dead letters',
    description:
      'Messages that the broker has put aside: they failed as often as the queue allows, or can not succeed.',
    empty: 'There are no dead letters.',
  },
} as const

/** A queue's messages or dead letters: a list with a cursor, one message beside it, and what can be done to them. */
export function MessageBrowser({ flow, place, versions }: MessageBrowserProps) {
  const { page, problem, isAsking, look, lookAgain, more } = useMessages(flow.id, place)
  const [filter, setFilter] = useState<MessageFilterValues>({ text: '', reason: '', from: '' })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [shown, setShown] = useState<string>()
  const { title, description, empty } = WORDS[place]
  const isFiltered = Boolean(filter.text || filter.reason || filter.from)

  function apply(wanted: MessageFilterValues) {
    setFilter(wanted)
    setChosen(new Set())
    look(wanted)
  }

  function refresh() {
    setChosen(new Set())
    setShown(undefined)
    lookAgain()
  }

  return (
    <Section title={title} description={description}>
      <BrowserToolbar place={place} isAsking={isAsking} onLook={apply} />
      <MessageActions flow={flow} place={place} filter={filter} chosen={chosen} />
      {problem && <FormError message={`The messages can not be shown now. ${problem}`} />}
      {!page && !problem && <SkeletonRows count={3} label="Asking the broker" />}
      {page && page.messages.length === 0 && !problem && (
        <p className="py-6 text-ink-soft">{isFiltered ? 'No message matches. Choose another filter.' : empty}</p>
      )}
      {page && page.messages.length > 0 && (
        <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="flex min-w-0 flex-col gap-3">
            <MessageTable
              messages={page.messages}
              place={place}
              chosen={chosen}
              onChoose={setChosen}
              shown={shown}
              onShow={setShown}
            />
            <div className="flex flex-wrap items-center justify-between gap-3">
              <span className="text-ink-soft text-sm">
                {page.messages.length} shown{page.next ? `; the next begins at ${page.next}` : ', all there are'}
              </span>
              {page.next && (
                <Button onClick={more} isPending={isAsking}>
                  Show more
                </Button>
              )}
            </div>
          </div>
          <MessagePane flowId={flow.id} place={place} sequenceNumber={shown} versions={versions} onChanged={refresh} />
        </div>
      )}
    </Section>
  )
}
