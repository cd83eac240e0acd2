import { describe, expect, it } from 'vitest'
import {
  applyChanges,
  changesOf,
  deleteFile,
  isChanged,
  listFolder,
  markSaved,
  openTree,
  writeFile,
} from './working-tree'

const text = (path: string, content = '') => ({ path, text: content, isBinary: false })
const tree = openTree('a'.repeat(40), [text('requirements.txt'), text('src/a.py', 'one'), text('src/lib/b.py')])

describe('the files being edited', () => {
  it('have no changes when they are opened', () => {
    expect(changesOf(tree)).toEqual([])
  })

  it('differ by what was written, added and deleted', () => {
    const edited = deleteFile(writeFile(writeFile(tree, 'src/a.py', 'two'), 'new.txt', 'x'), 'requirements.txt')
    expect(changesOf(edited)).toEqual([
      { path: 'src/a.py', text: 'two' },
      { path: 'new.txt', text: 'x' },
      { path: 'requirements.txt', text: null },
    ])
    expect(isChanged(edited, 'src/a.py')).toBe(true)
    expect(isChanged(edited, 'src/lib/b.py')).toBe(false)
  })

  it('are unchanged again when the text is what it was', () => {
    expect(changesOf(writeFile(writeFile(tree, 'src/a.py', 'two'), 'src/a.py', 'one'))).toEqual([])
    expect(changesOf(deleteFile(writeFile(tree, 'new.txt', 'x'), 'new.txt'))).toEqual([])
  })

  it('keep what was typed during a save as unsaved', () => {
    const sent = writeFile(tree, 'src/a.py', 'two')
    const typedOn = writeFile(sent, 'src/a.py', 'two and a half')
    const saved = markSaved(typedOn, 'b'.repeat(40), changesOf(sent))
    expect(saved.headSha).toBe('b'.repeat(40))
    expect(changesOf(saved)).toEqual([{ path: 'src/a.py', text: 'two and a half' }])
  })

  it('take up changes that were kept', () => {
    const edited = deleteFile(writeFile(tree, 'new.txt', 'x'), 'src/a.py')
    expect(changesOf(applyChanges(tree, changesOf(edited)))).toEqual(changesOf(edited))
  })

  it('forget a deleted file once that is saved', () => {
    const deleted = deleteFile(tree, 'src/a.py')
    expect(changesOf(markSaved(deleted, 'b'.repeat(40), changesOf(deleted)))).toEqual([])
  })
})

describe('a folder', () => {
  it('lists what is directly in it', () => {
    expect(listFolder(tree, '')).toEqual({ folders: ['src'], files: ['requirements.txt'] })
    expect(listFolder(tree, 'src')).toEqual({ folders: ['src/lib'], files: ['src/a.py'] })
    expect(listFolder(tree, 'sr')).toEqual({ folders: [], files: [] })
  })
})
