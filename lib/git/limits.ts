import { MAX_FILE_BYTES, MAX_FILES, MAX_TREE_BYTES } from '@/lib/algorithms/source/paths'

const MIB = 1024 * 1024

/** What a client may send at once: packed objects of a push. */
export const MAX_PUSH_BYTES = 32 * MIB
/** From the first byte of a request to the last one of its answer. */
export const GIT_TIMEOUT_MS = 5 * 60_000
/** Git processes at once; each may use a processor for a while. */
export const MAX_GIT_PROCESSES = 8
/** Address space of one Git process, in KiB as `ulimit -v` takes it. */
export const MAX_GIT_MEMORY_KIB = 2 * 1024 * 1024
/** The largest file that Git may write, in the 512-byte blocks of `ulimit -f`. */
export const MAX_GIT_FILE_BLOCKS = (4 * MAX_PUSH_BYTES) / 512

/** What hooks/pre-receive checks of a pushed tree: the same that the console holds its own commits to. */
export const TREE_LIMITS = {
  HEADRACE_MAX_FILES: String(MAX_FILES),
  HEADRACE_MAX_FILE_BYTES: String(MAX_FILE_BYTES),
  HEADRACE_MAX_TREE_BYTES: String(MAX_TREE_BYTES),
}
