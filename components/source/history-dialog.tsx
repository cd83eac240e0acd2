'use client'

import { useEffect, useState } from 'react'
import { cn } from '@/components/ui/cn'
import { Modal } from '@/components/ui/dialog'
import { FormError } from '@/components/ui/field'
import { Spinner } from '@/components/ui/spinner'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import type { FileChange, HistoryEntry } from '@/lib/algorithms/source/history'
import { ChangedFiles } from './changed-files'
import { compareWithUnsaved } from './compare-with-unsaved'
import { type HistoryChoice, HistoryList } from './history-list'
import type { WorkingTree } from './working-tree'

type Props = { path: AlgorithmPath; tree: WorkingTree; onClose: () => void }

/** The commits of the source, what each changed, and what has changed since the last published version. */
export function HistoryDialog({ path, tree, onClose }: Props) {
  const base = `/algorithms/${path.owner}/${path.name}/source-history`
  const history = useJson<HistoryEntry[]>(base)
  const published = history.value?.find(({ versions }) => versions.length > 0)
  const [chosen, setChosen] = useState<HistoryChoice>()
  const choice = chosen ?? (published ? { kind: 'since-version' } : firstCommit(history.value))
  const changes = useJson<FileChange[]>(choice && addressOf(`${base}/changes`, choice, published?.sha, tree.headSha))
  const shown = changes.value && (choice?.kind === 'commit' ? changes.value : compareWithUnsaved(changes.value, tree))
  return (
    <Modal isOpen onOpenChange={onClose} title="History" className="max-w-7xl">
      <FormError message={history.error ?? changes.error} />
      {!history.value && !history.error && <Loading text="Reading the commits…" />}
      {history.value && (
        <div className="grid min-w-0 gap-8 lg:grid-cols-[22rem_minmax(0,1fr)]">
          <HistoryList
            entries={history.value}
            publishedVersion={published?.versions[0]}
            choice={choice}
            onChoose={setChosen}
          />
          <div className={cn('min-w-0', !shown && 'min-h-40')} aria-live="polite" aria-busy={!shown}>
            {shown ? <ChangedFiles changes={shown} /> : !changes.error && <Loading text="Comparing…" />}
          </div>
        </div>
      )}
    </Modal>
  )
}

function Loading({ text }: { text: string }) {
  return (
    <p className="flex items-center gap-2 text-ink-soft">
      <Spinner />
      {text}
    </p>
  )
}

function firstCommit(entries: HistoryEntry[] | undefined): HistoryChoice | undefined {
  const [newest] = entries ?? []
  return newest && { kind: 'commit', sha: newest.sha }
}

function addressOf(base: string, choice: HistoryChoice, publishedSha: string | undefined, headSha: string): string {
  if (choice.kind === 'commit') return `${base}?to=${choice.sha}`
  return `${base}?from=${publishedSha}&to=${headSha}`
}

/** What an address answers; nothing while it is asked. */
function useJson<Value>(address: string | undefined): { value?: Value; error?: string } {
  const [answer, setAnswer] = useState<{ address?: string; value?: Value; error?: string }>({})
  useEffect(() => {
    if (!address) return
    const stopped = new AbortController()
    const ask = async () => {
      const response = await fetch(address, { signal: stopped.signal })
      const body = await response.json()
      setAnswer(response.ok ? { address, value: body } : { address, error: body.error.message })
    }
    ask().catch(() => {
      if (stopped.signal.aborted) return
      setAnswer({ address, error: 'The server did not answer. Close this and try again.' })
    })
    return () => stopped.abort()
  }, [address])
  return answer.address === address ? answer : {}
}
