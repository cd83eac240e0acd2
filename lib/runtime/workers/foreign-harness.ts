import { KIB } from '../limits'
import type { Payload, RunError } from '../port'
import { unusableInputError } from './run-errors'

/** Longer inputs are not parsed: that would hold up the server. */
const MAX_PARSED_BYTES = 512 * KIB

/**
 * Why an input is not sent to a language pack that is not ours. Such a one takes the whole line for JSON: it would fail with an
 * input that is none, or find parts of the line in it.
 */
export function refuseForForeign({ type, bytes }: Payload): RunError | undefined {
  if (type !== 'json' || bytes.length > MAX_PARSED_BYTES) return undefined
  try {
    JSON.parse(bytes.toString('utf8'))
    return undefined
  } catch (error) {
    return unusableInputError((error as Error).message)
  }
}
