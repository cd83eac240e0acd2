'use client'

import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { Spinner } from '@/components/ui/spinner'
import type { ConsoleEntry } from './use-console'

type Props = {
  entries: ConsoleEntry[]
  isRunning: boolean
  run: (input: string) => void
  stop: () => void
}

const STYLES: Record<ConsoleEntry['kind'], string> = {
  note: 'text-on-rail/75',
  input: 'text-on-rail/75',
  log: 'text-on-rail/85',
  output: 'font-bold',
  error: 'text-[#ffb4a8]',
}

/** Try the newest build: JSON in, JSON out. */
export function IdeConsole({ entries, isRunning, run, stop }: Props) {
  const end = useRef<HTMLDivElement>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line scrolls into view
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' })
  }, [entries, isRunning])

  return (
    <div className="flex min-h-full flex-col gap-1 p-3 font-mono text-[0.8125rem]">
      <p className="font-bold">Headrace Console (test algorithm here):</p>
      <div role="log" aria-label="Console output">
        {entries.map((entry) => (
          <pre key={entry.id} className={cn('whitespace-pre-wrap break-words font-mono', STYLES[entry.kind])}>
            {entry.kind === 'input' ? `> ${entry.text}` : entry.text}
          </pre>
        ))}
      </div>
      {isRunning && (
        <div className="flex items-center gap-3 py-1">
          <Spinner />
          Running…
          <Button size="sm" onClick={stop}>
            Stop
          </Button>
        </div>
      )}
      <ConsolePrompt run={run} isRunning={isRunning} past={entries} />
      <div ref={end} />
    </div>
  )
}

type PromptProps = { run: (input: string) => void; isRunning: boolean; past: ConsoleEntry[] }

/** Enter runs, Shift+Enter starts a new line, the arrow keys bring earlier inputs back. */
function ConsolePrompt({ run, isRunning, past }: PromptProps) {
  const [text, setText] = useState('')
  const [back, setBack] = useState(0)
  const inputs = past.filter((entry) => entry.kind === 'input').map((entry) => entry.text)

  function recall(steps: number): void {
    const next = Math.min(Math.max(back + steps, 0), inputs.length)
    setBack(next)
    setText(next === 0 ? '' : (inputs[inputs.length - next] ?? ''))
  }

  function submit(): void {
    if (isRunning || text.trim() === '') return
    run(text.trim())
    setText('')
    setBack(0)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      submit()
    } else if (!text.includes('\n') && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault()
      recall(event.key === 'ArrowUp' ? 1 : -1)
    }
  }

  return (
    <div className="flex items-start gap-2">
      <span aria-hidden>&gt;</span>
      <textarea
        aria-label="Console input"
        readOnly={isRunning}
        rows={text.split('\n').length}
        value={text}
        spellCheck={false}
        placeholder='JSON, for example "Jane"'
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="flex-1 resize-none bg-transparent font-mono outline-offset-4 placeholder:text-on-rail/75 focus-visible:outline-on-rail"
      />
    </div>
  )
}
