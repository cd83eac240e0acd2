import { z } from 'zod'

export const MAX_PATH_CHARS = 200
export const MAX_PATH_DEPTH = 8
export const MAX_FILE_BYTES = 1024 * 1024
/** All files of one commit together. */
export const MAX_TREE_BYTES = 16 * 1024 * 1024
export const MAX_FILES = 500

const PART = /^[A-Za-z0-9_.@+-][A-Za-z0-9_.@+ -]*$/

/** The path of a source file: relative, `/` between parts, nothing that could leave the tree or confuse Git. */
export const SourcePath = z
  .string()
  .min(1, 'Give the file a name.')
  .superRefine((path, check) => {
    const problem = pathProblem(path)
    if (problem) check.addIssue({ code: 'custom', message: problem })
  })

/** What is wrong with a path, for people; null when nothing is. */
export function pathProblem(path: string): string | null {
  if (path.length > MAX_PATH_CHARS) return `At most ${MAX_PATH_CHARS} characters.`
  const parts = path.split('/')
  if (parts.length > MAX_PATH_DEPTH) return `At most ${MAX_PATH_DEPTH} folders deep.`
  for (const part of parts) {
    if (part === '')
      return 'Write the name without a slash at its start or end, and with single slashes between folders.'
    if (part === '.' || part === '..') return 'A name may not be “.” or “..”.'
    // Git on some systems takes these for its own folder.
    if (/^(\.git|git~\d+)$/i.test(part.trimEnd().replace(/\.+$/, ''))) return '“.git” belongs to Git itself.'
    if (!PART.test(part) || part.endsWith(' ')) {
      return 'Use letters, digits, “_”, “-”, “.”, “@”, “+” and spaces inside names.'
    }
  }
  return null
}
