import os from 'node:os'
import { MIB, SECOND_MS } from '../limits'
import type { RunError } from '../port'
import type { SandboxExit } from '../sandbox/sandbox'

const SHELL_SIGNAL_BASE = 128
const MAX_LINES_SHOWN = 10

/** An exception of the author, from the document that the harness wrote. */
export function errorFromDocument(body: Buffer): RunError {
  const document = parse(body)
  const errorType = textOf(document.error_type) || 'AlgorithmError'
  const kind =
    errorType === 'LoadingError' || errorType === 'loadingError'
      ? 'loading_error'
      : errorType === 'OutOfMemoryError'
        ? 'out_of_memory'
        : 'algorithm_error'
  const stackTrace = textOf(document.stacktrace)
  const message = textOf(document.message) || 'The algorithm raised an error without a message.'
  return { kind, errorType, message, ...(stackTrace && { stackTrace }) }
}

/** The process ended in the middle of a call. */
export function errorFromExit(exit: SandboxExit, memoryBytes: number): RunError {
  if (exit.reason === 'memory') return outOfMemory(memoryBytes)
  return { kind: 'worker_exit', errorType: 'SystemExit', message: `The algorithm’s process ${describeExit(exit)}.` }
}

/** The process ended before it was ready. `stderr` is what it said. */
export function errorFromFailedStart(exit: SandboxExit, stderr: string, memoryBytes: number): RunError {
  if (exit.reason === 'memory') return outOfMemory(memoryBytes)
  const lines = stderr.trim().split('\n').slice(-MAX_LINES_SHOWN).join('\n')
  const message = `The algorithm could not be loaded: its process ${describeExit(exit)}.`
  return { kind: 'loading_error', errorType: 'LoadingError', message, ...(lines && { stackTrace: lines }) }
}

export function timeoutError(timeoutMs: number): RunError {
  const message = `The algorithm did not complete within ${inSeconds(timeoutMs)}.`
  return { kind: 'timeout', errorType: 'TimeoutError', message }
}

export function startTimeoutError(timeoutMs: number): RunError {
  const message = `The algorithm was not ready to take its first input within ${inSeconds(timeoutMs)}.`
  return { kind: 'loading_error', errorType: 'LoadingError', message }
}

export function tooLargeError(kind: 'input_too_large' | 'result_too_large', bytes: number, limit: number): RunError {
  const what = kind === 'input_too_large' ? 'input' : 'result'
  const message = `The ${what} has ${bytes} bytes; at most ${limit} (${limit / MIB} MiB) are allowed. Pass larger data by way of a data collection.`
  return { kind, errorType: 'TooLargeError', message }
}

/** `reason` is what the parser said. */
export function unusableInputError(reason: string): RunError {
  const message = `The input is not JSON: ${textOf(reason)}.`
  return { kind: 'unusable_input', errorType: 'UnusableInput', message }
}

export function forgedAnswerError(): RunError {
  return {
    kind: 'worker_exit',
    errorType: 'SystemError',
    message: 'The algorithm wrote to the pipe of the answers by itself; its process was ended.',
  }
}

export function abortedError(message = 'The call was cancelled.'): RunError {
  return { kind: 'aborted', errorType: 'SystemError', message }
}

export function overloadedError(message: string): RunError {
  return { kind: 'overloaded', errorType: 'SystemError', message }
}

export function notBuiltError(message: string): RunError {
  return { kind: 'not_built', errorType: 'SystemError', message }
}

export function sandboxRefusedError(reasons: string[], fix: string | undefined): RunError {
  const how = fix ? ` ${fix}` : ''
  const message = `Algorithms do not run here, because they can not be kept apart from the server. ${reasons.join(' ')}${how} An administrator may set HEADRACE_ALLOW_UNSANDBOXED=1 to run them without isolation.`
  return { kind: 'sandbox_refused', errorType: 'SystemError', message }
}

function outOfMemory(memoryBytes: number): RunError {
  const message = `The algorithm used more than ${memoryBytes / MIB} MiB of memory and was ended.`
  return { kind: 'out_of_memory', errorType: 'OutOfMemoryError', message }
}

const inSeconds = (ms: number) => (ms === SECOND_MS ? '1 second' : `${ms / SECOND_MS} seconds`)

/** By SIGKILL, and neither by us nor for its memory. */
export function wasKilled(exit: SandboxExit): boolean {
  return exit.reason === 'signal' && signalOf(exit) === 'SIGKILL'
}

function describeExit(exit: SandboxExit): string {
  const { code, failure } = exit
  if (failure) return `could not be started (${failure})`
  const name = signalOf(exit)
  return name ? `was ended by signal ${name}` : `ended with exit code ${code}`
}

/** A sandbox passes the end of what ran in it on as an exit code. */
function signalOf({ code, signal }: SandboxExit): string | undefined {
  return signal ?? (code !== null && code > SHELL_SIGNAL_BASE ? signalName(code - SHELL_SIGNAL_BASE) : undefined)
}

function signalName(number: number): string {
  const found = Object.entries(os.constants.signals).find(([, value]) => value === number)
  return found?.[0] ?? String(number)
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    const document = JSON.parse(body.toString('utf8'))
    return typeof document === 'object' && document !== null ? document : { message: String(document) }
  } catch {
    return {}
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : ''
}
