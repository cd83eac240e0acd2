'use client'

import { useEffect, useRef, useState } from 'react'
import { runAlgorithm } from '@/components/algorithms/run-algorithm'
import type { ConsoleRun } from '@/lib/algorithms/console-schema'
import { isJson, NOT_JSON } from '@/lib/algorithms/json-text'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { formatDuration } from '@/lib/format'

const MAX_ENTRIES = 300

export type ConsoleEntry = { id: number; kind: 'note' | 'input' | 'log' | 'output' | 'error'; text: string }

/** The console's lines and what it can do. It runs `runnableSha`, the newest commit that was built. */
export function useConsole(path: AlgorithmPath, runnableSha: string | null) {
  const [entries, setEntries] = useState<ConsoleEntry[]>([])
  const [running, setRunning] = useState<AbortController>()
  const nextId = useRef(1)

  function print(...lines: Omit<ConsoleEntry, 'id'>[]): void {
    const added = lines.map((line) => ({ ...line, id: nextId.current++ }))
    setEntries((before) => [...before, ...added].slice(-MAX_ENTRIES))
  }

  const announce = (sha: string) => print({ kind: 'note', text: `algo://${path.owner}/${path.name}/${sha} is online` })

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is online at the start is said once; builds say theirs
  useEffect(() => {
    if (runnableSha) announce(runnableSha)
  }, [])

  async function run(input: string): Promise<void> {
    print({ kind: 'input', text: input })
    if (!runnableSha) return print({ kind: 'error', text: 'There is no build to run yet: press Build first.' })
    if (!isJson(input)) return print({ kind: 'error', text: NOT_JSON })
    const abort = new AbortController()
    setRunning(abort)
    try {
      print(...describeRun(await runAlgorithm({ ...path, version: runnableSha, input, signal: abort.signal })))
    } catch (failure) {
      const text = abort.signal.aborted ? 'Stopped.' : failure instanceof Error ? failure.message : String(failure)
      print({ kind: 'error', text })
    } finally {
      setRunning(undefined)
    }
  }

  return { entries, isRunning: running !== undefined, announce, run, stop: () => running?.abort() }
}

function describeRun(run: ConsoleRun): Omit<ConsoleEntry, 'id'>[] {
  const lines: Omit<ConsoleEntry, 'id'>[] = []
  if (run.logs) lines.push({ kind: 'log', text: run.logs })
  if (run.ok) {
    const text = run.isBinary ? `${run.output}\n(binary, shown as base64)` : run.output
    return [...lines, { kind: 'output', text }, { kind: 'note', text: formatDuration(run.durationMs) }]
  }
  const text = [`${run.errorType}: ${run.message}`, run.stackTrace].filter(Boolean).join('\n')
  return [...lines, { kind: 'error', text }]
}
