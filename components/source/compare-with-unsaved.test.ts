import { describe, expect, it } from 'vitest'
import { compareWithUnsaved } from './compare-with-unsaved'
import { deleteFile, openTree, writeFile } from './working-tree'

const tree = openTree('head', [
  { path: 'a.py', text: 'two', isBinary: false },
  { path: 'b.py', text: 'same', isBinary: false },
])
const committed = [{ path: 'a.py', before: 'one', after: 'two', isShown: true }]

describe('what differs from the published version', () => {
  it('is what was committed since, while nothing is unsaved', () => {
    expect(compareWithUnsaved(committed, tree)).toEqual(committed)
  })

  it('is what the editor holds: changed, added and deleted', () => {
    const edited = deleteFile(writeFile(writeFile(tree, 'a.py', 'three'), 'c.py', 'new'), 'b.py')
    expect(compareWithUnsaved(committed, edited)).toEqual([
      { path: 'a.py', before: 'one', after: 'three', isShown: true },
      { path: 'b.py', before: 'same', after: null, isShown: true },
      { path: 'c.py', before: null, after: 'new', isShown: true },
    ])
  })

  it('is nothing where the text is as it was published', () => {
    expect(compareWithUnsaved(committed, writeFile(tree, 'a.py', 'one'))).toEqual([])
  })
})
