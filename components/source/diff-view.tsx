'use client'

import { unifiedMergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { editorExtensions } from './editor-setup'

const CONTEXT_LINES = 3
const MIN_HIDDEN_LINES = 6

/** Added and deleted lines, by a colour and a sign, in light and dark. */
const diffTheme = EditorView.theme({
  '.cm-changedLine': { backgroundColor: 'light-dark(#e3f6e8, #17351f) !important' },
  '.cm-deletedChunk': { backgroundColor: 'light-dark(#fdeaea, #401d1d) !important', padding: '0 0.75rem' },
  '.cm-insertedLine, .cm-deletedLine, .cm-deletedLine del': { textDecoration: 'none !important' },
  '.cm-changedText': { background: 'light-dark(#c4edcf, #1c4327) !important' },
  '.cm-deletedText': { background: 'light-dark(#fcdada, #5e2626) !important' },
  '.cm-changedLineGutter': { backgroundColor: 'light-dark(#1b7a35, #58c878) !important' },
  '.cm-deletedLineGutter': { backgroundColor: 'light-dark(#b42323, #ef8080) !important' },
  '.cm-collapsedLines': {
    background: 'var(--side) !important',
    color: 'var(--ink-soft) !important',
    padding: '0.25rem 0.75rem',
  },
  // Its own sign is missing in many fonts.
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"…"' },
})

/** A file that was added or deleted has nothing on the other side, not one empty line. */
const nothingBefore = EditorView.theme({ '.cm-deletedChunk': { display: 'none' } })
const nothingAfter = EditorView.theme({
  '.cm-changedLine': { backgroundColor: 'transparent !important' },
  '.cm-changedLineGutter': { backgroundColor: 'transparent !important' },
  '.cm-lineNumbers .cm-gutterElement': { visibility: 'hidden' },
})

type Props = { path: string; before: string; after: string }

/** One file before and after, in one column; what is the same is folded. */
export function DiffView({ path, before, after }: Props) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const view = new EditorView({
      parent: host.current ?? undefined,
      state: EditorState.create({
        doc: after,
        extensions: [
          editorExtensions({ path, label: `Changes of ${path}`, isReadOnly: true, onChange: () => {} }),
          unifiedMergeView({
            original: before,
            mergeControls: false,
            collapseUnchanged: { margin: CONTEXT_LINES, minSize: MIN_HIDDEN_LINES },
          }),
          diffTheme,
          before === '' ? nothingBefore : [],
          after === '' ? nothingAfter : [],
        ],
      }),
    })
    return () => view.destroy()
  }, [path, before, after])
  return <div ref={host} className="min-w-0 overflow-hidden" />
}
