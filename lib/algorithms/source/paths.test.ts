import { describe, expect, it } from 'vitest'
import { pathProblem } from './paths'

describe('the path of a source file', () => {
  it.each(['requirements.txt', 'src/Hello.py', 'src/__init__.py', '.gitignore', 'a/b/c/data-1.json', 'my file.txt'])(
    'may be %j',
    (path) => {
      expect(pathProblem(path)).toBeNull()
    },
  )

  it.each([
    '',
    '/etc/passwd',
    '../escape.py',
    'src/../../escape.py',
    './a',
    'a//b',
    'a/',
    '.git/config',
    '.GIT/hooks/post-commit',
    'src/.git/config',
    '.git./config',
    'git~1/config',
    'a\\b',
    'a\0b',
    'a\nb',
    'C:/x',
    'a ',
    `${'d/'.repeat(9)}f`,
    'x'.repeat(201),
  ])('may not be %j', (path) => {
    expect(pathProblem(path)).not.toBeNull()
  })
})
