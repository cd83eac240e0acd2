import { AppError } from '@/lib/errors'

const TEXTS: Record<string, string> = {
  ENOSPC: 'The disk that holds hosted data is full. Free some space, then try again.',
  EDQUOT: 'The quota of the disk that holds hosted data is used up. Free some space, then try again.',
  EROFS: 'The disk that holds hosted data is read-only. Make it writable, then try again.',
  EACCES: 'The server may not write to the folder that holds hosted data. Correct its owner or mode, then try again.',
  EPERM: 'The server may not write to the folder that holds hosted data. Correct its owner or mode, then try again.',
  EMFILE: 'The server has too many files open now. Try again in a moment.',
  EIO: 'The disk that holds hosted data does not work. Look at the system log of the machine.',
}

/** The error to throw for a failed disk operation: for people when the cause is known, else as it came. */
export function storageFailure(error: unknown): unknown {
  const text = TEXTS[errorCode(error) ?? '']
  return text ? new AppError('unavailable', text, { cause: error }) : error
}

/** `ENOENT` and its like, or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
