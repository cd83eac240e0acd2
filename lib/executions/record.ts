import { isUtf8 } from 'node:buffer'
import type { Invocation, Payload } from '@/lib/runtime/port'

/** How much of an input or a result a row keeps, in bytes before base64. */
export const PREVIEW_BYTES = 64 * 1024

/** What Postgres can not hold in a text. */
const NUL = /\0/g

/**
 * The columns of an `Execution` that say what a finished run did, and those of its `ExecutionLog`; shared by calls
 * and deliveries. The rest (whose, of what, from where) is the caller's to add.
 */
export function toExecutionColumns(invocation: Invocation, input: Payload) {
  return {
    execution: { ...inputColumns(input), ...outcomeColumns(invocation), durationMs: invocation.durationMs },
    log: {
      stdout: storable(invocation.stdout),
      stderr: storable(invocation.stderr),
      isTruncated: invocation.isTruncated,
    },
  }
}

/** The columns that are known before the run. */
export function inputColumns(input: Payload) {
  return { inputType: input.type, inputPreview: previewPayload(input), inputBytes: input.bytes.length }
}

/** An input as its run took it: what only looked like JSON, or was to be JSON and is none, is text or bytes. */
export function inputAsTaken(input: Payload, invocation: Invocation): Payload {
  const { bytes } = input
  if (invocation.isText) return { type: 'text', bytes }
  if (invocation.ok || invocation.error.kind !== 'unusable_input') return input
  return { type: isUtf8(bytes) ? 'text' : 'binary', bytes }
}

/** What a finished run counts as: one that was ended from outside is no failure of its algorithm. */
export function statusOf(invocation: Invocation): 'succeeded' | 'abandoned' | 'failed' {
  if (invocation.ok) return 'succeeded'
  return invocation.error.kind === 'aborted' ? 'abandoned' : 'failed'
}

function outcomeColumns(invocation: Invocation) {
  if (invocation.ok) {
    const { result } = invocation
    return {
      status: statusOf(invocation),
      resultType: result.type,
      resultPreview: previewPayload(result),
      resultBytes: result.bytes.length,
    }
  }
  const { error } = invocation
  return {
    status: statusOf(invocation),
    errorType: storable(error.errorType),
    errorMessage: storable(error.message),
    errorStack: error.stackTrace === undefined ? null : storable(error.stackTrace),
  }
}

/** The start of a payload as text that a row can hold; base64 when it is binary. */
export function previewPayload(payload: Payload): string {
  const start = payload.bytes.subarray(0, PREVIEW_BYTES)
  if (payload.type === 'binary') return start.toString('base64')
  if (start.length === payload.bytes.length) return storable(start.toString('utf8'))
  // A streaming decoder leaves out a character that the cut has split.
  return storable(new TextDecoder('utf-8', { ignoreBOM: true }).decode(start, { stream: true }))
}

/** `text` as Postgres can hold it. */
export function storable(text: string): string {
  return text.includes('\0') ? text.replace(NUL, '\uFFFD') : text
}
