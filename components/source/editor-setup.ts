import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import { python } from '@codemirror/lang-python'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language'
import { EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { editorTheme } from './editor-theme'

type Options = { path: string; label: string; isReadOnly: boolean; onChange: (text: string) => void }

/** Everything the editor does for one file. Escape, then Tab, leaves it by keyboard. */
export function editorExtensions({ path, label, isReadOnly, onChange }: Options): Extension {
  return [
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    foldGutter(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion(),
    highlightActiveLine(),
    languageOf(path),
    editorTheme,
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      indentWithTab,
    ]),
    EditorState.readOnly.of(isReadOnly),
    // Focusable as it is; the attribute says so to accessibility checks of the scrolling box around it.
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString())
    }),
  ]
}

function languageOf(path: string): Extension {
  const ending = path.slice(path.lastIndexOf('.') + 1)
  if (ending === 'py') return [python(), indentUnit.of('    '), EditorState.tabSize.of(4)]
  if (['js', 'mjs', 'cjs', 'jsx', 'ts', 'tsx'].includes(ending)) {
    return javascript({ jsx: ending.endsWith('x'), typescript: ending.startsWith('t') })
  }
  if (ending === 'json' || path === 'algorithmia.conf') return json()
  return []
}
