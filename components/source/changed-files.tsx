'use client'

import dynamic from 'next/dynamic'
import { Badge, type Tone } from '@/components/ui/badge'
import type { FileChange } from '@/lib/algorithms/source/history'

const DiffView = dynamic(() => import('./diff-view').then((module) => module.DiffView), {
  ssr: false,
  loading: () => <p className="p-3 text-ink-soft">Loading the comparison…</p>,
})

/** Files that differ, one below the other. */
export function ChangedFiles({ changes }: { changes: FileChange[] }) {
  if (changes.length === 0) return <p className="text-ink-soft">Nothing differs.</p>
  return (
    <div className="flex flex-col gap-6">
      {changes.map((change) => (
        <section key={change.path} className="min-w-0 border">
          <h3 className="flex flex-wrap items-center gap-3 border-b bg-side px-3 py-2 font-semibold">
            <span className="break-all font-mono text-sm">{change.path}</span>
            <ChangeKind change={change} />
          </h3>
          {change.isShown ? (
            <DiffView
              key={`${change.before}\0${change.after}`}
              path={change.path}
              before={change.before ?? ''}
              after={change.after ?? ''}
            />
          ) : (
            <p className="p-3 text-ink-soft">This file is not text, or too large to be compared here.</p>
          )}
        </section>
      ))}
    </div>
  )
}

function ChangeKind({ change }: { change: FileChange }) {
  const [label, tone] = kindOf(change)
  return <Badge tone={tone}>{label}</Badge>
}

function kindOf({ before, after, isShown }: FileChange): [string, Tone] {
  if (isShown && before === null) return ['Added', 'success']
  if (isShown && after === null) return ['Deleted', 'danger']
  return ['Changed', 'info']
}
