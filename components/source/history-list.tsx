'use client'

import { Badge } from '@/components/ui/badge'
import { cn } from '@/components/ui/cn'
import { LocalTime } from '@/components/ui/local-time'
import type { HistoryEntry } from '@/lib/algorithms/source/history'

/** What is compared: one commit with the one before it, or the editor's text with the last published version. */
export type HistoryChoice = { kind: 'commit'; sha: string } | { kind: 'since-version' }

type Props = {
  entries: HistoryEntry[]
  /** Absent while nothing is published. */
  publishedVersion: string | undefined
  choice: HistoryChoice | undefined
  onChoose: (choice: HistoryChoice) => void
}

export function HistoryList({ entries, publishedVersion, choice, onChoose }: Props) {
  return (
    <ul aria-label="Commits" className="flex max-h-[60dvh] flex-col divide-y self-start overflow-y-auto border">
      {publishedVersion && (
        <Row isChosen={choice?.kind === 'since-version'} onClick={() => onChoose({ kind: 'since-version' })}>
          <span className="font-semibold">Changes since version {publishedVersion}</span>
          <span className="text-ink-soft text-sm">Everything that is not published yet, unsaved text too</span>
        </Row>
      )}
      {entries.map((entry) => (
        <Row
          key={entry.sha}
          isChosen={choice?.kind === 'commit' && choice.sha === entry.sha}
          onClick={() => onChoose({ kind: 'commit', sha: entry.sha })}
        >
          <span className="break-words">{entry.message.split('\n', 1)[0]}</span>
          <span className="flex flex-wrap items-center gap-x-2 text-ink-soft text-sm">
            <span className="font-mono">{entry.sha.slice(0, 8)}</span>
            <span>{entry.authorName}</span>
            <LocalTime at={new Date(entry.committedAt)} />
            {entry.versions.map((version) => (
              <Badge key={version} tone="info">
                {version}
              </Badge>
            ))}
          </span>
        </Row>
      ))}
    </ul>
  )
}

type RowProps = { isChosen: boolean; onClick: () => void; children: React.ReactNode }

function Row({ isChosen, onClick, children }: RowProps) {
  return (
    <li>
      <button
        type="button"
        aria-current={isChosen ? 'true' : undefined}
        onClick={onClick}
        className={cn(
          'flex w-full flex-col gap-1 px-3 py-2 text-left hover:bg-side-active focus-visible:-outline-offset-2',
          isChosen && 'bg-side-active',
        )}
      >
        {children}
      </button>
    </li>
  )
}
