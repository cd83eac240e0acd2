import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** Light and dark follow the system, as the console's other colours do. */
const chrome = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--panel)', fontSize: '0.875rem' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '0.75rem 0' },
  '.cm-line': { padding: '0 0.75rem' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--side)', color: 'var(--ink-soft)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 0.5rem 0 1rem' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--ink) 5%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--side-active)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--primary) 28%, transparent) !important',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--primary-soft)', color: 'inherit' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', border: '1px solid var(--line-strong)', color: 'var(--ink)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--primary)',
    color: 'var(--on-primary)',
  },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--side-active)', border: 'none', color: 'var(--ink-soft)' },
})

const KEYWORD = 'light-dark(#1d4fbf, #8fb4ff)'
const STRING = 'light-dark(#8a3b00, #f0b27a)'
const COMMENT = 'light-dark(#4a6a55, #8fb09a)'
const NUMBER = 'light-dark(#7a2d8f, #d9a3ea)'
const DEFINITION = 'light-dark(#0b655f, #58d3c7)'

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.controlKeyword], color: KEYWORD },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: STRING },
  { tag: [tags.comment, tags.docString], color: COMMENT },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: NUMBER },
  { tag: [tags.definition(tags.variableName), tags.function(tags.definition(tags.variableName))], color: DEFINITION },
  { tag: [tags.className, tags.definition(tags.className), tags.propertyName, tags.meta], color: DEFINITION },
  { tag: tags.invalid, textDecoration: 'underline wavy' },
])

export const editorTheme: Extension = [chrome, syntaxHighlighting(colours)]
