'use client'

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { FormError } from '@/components/ui/field'
import { SkeletonRows } from '@/components/ui/skeleton'
import type { FlowDetail } from '@/lib/event-flows/queries'
import { BrowserToolbar } from './browser-toolbar'
import { MessageActions } from './message-actions'
import { MessagePane } from './message-pane'
import { MessageTable } from './message-table'
import { useBrowserView } from './use-browser-view'
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
  const [{ message, ...filter }, setView] = useBrowserView()
  const { page, problem, isAsking, lookAgain, more } = useMessages(flow.id, place, filter)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const shown = message || undefined
  const { title, description, empty } = WORDS[place]
  const isFiltered = Boolean(filter.text || filter.reason || filter.from)

  function apply(wanted: MessageFilterValues) {
    const isSame = wanted.text === filter.text && wanted.reason === filter.reason && wanted.from === filter.from
    setChosen(new Set())
    setView({ ...wanted, message: '' })
    if (isSame) lookAgain()
  }

  function refresh() {
    setChosen(new Set())
    setView({ message: '' })
    lookAgain()
  }

  return (
    <Section title={title} description={description}>
      <BrowserToolbar place={place} filter={filter} isAsking={isAsking} onLook={apply} />
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
              onShow={(sequenceNumber) => setView({ message: sequenceNumber })}
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
          <ShownMessage of={shown}>
            <MessagePane
              flowId={flow.id}
              place={place}
              sequenceNumber={shown}
              versions={versions}
              onChanged={refresh}
            />
          </ShownMessage>
        </div>
      )}
    </Section>
  )
}

/** Stays in view beside a long list; where the window is narrow it stands above it, and is scrolled to. */
function ShownMessage({ of, children }: { of: string | undefined; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (of) place.current?.scrollIntoView({ block: 'nearest' })
  }, [of])
  return (
    <div
      ref={place}
      className="order-first min-w-0 scroll-mt-20 xl:sticky xl:top-4 xl:order-none xl:scroll-mt-4 xl:max-h-[calc(100vh-2rem)] xl:overflow-auto"
    >
      {children}
    </div>
  )
}
