'use client'

import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { editorExtensions } from './editor-setup'

export type SourceEditorProps = {
  path: string
  text: string
  label: string
  isReadOnly?: boolean
  onChange: (path: string, text: string) => void
}

/** A CodeMirror editor. Each file keeps its undo history, cursor and folds while others are open. */
export function SourceEditor({ path, text, label, isReadOnly = false, onChange }: SourceEditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const states = useRef(new Map<string, EditorState>())
  const openPath = useRef<string>(undefined)
  const latestOnChange = useRef(onChange)
  latestOnChange.current = onChange

  useEffect(() => {
    const editor = new EditorView({ parent: host.current ?? undefined })
    view.current = editor
    return () => {
      editor.destroy()
      openPath.current = undefined
    }
  }, [])

  useEffect(() => {
    const editor = view.current
    if (!editor) return
    if (openPath.current !== path) {
      if (openPath.current !== undefined) states.current.set(openPath.current, editor.state)
      openPath.current = path
      const options = { path, label, isReadOnly, onChange: (next: string) => latestOnChange.current(path, next) }
      const fresh = () => EditorState.create({ doc: text, extensions: editorExtensions(options) })
      editor.setState(states.current.get(path) ?? fresh())
    }
    // Typing comes back here as the same text; anything else was changed outside, say in the dependencies.
    const doc = editor.state.doc
    if (doc.toString() !== text) editor.dispatch({ changes: { from: 0, to: doc.length, insert: text } })
  }, [path, text, label, isReadOnly])

  return <div ref={host} className="size-full min-h-0" />
}
