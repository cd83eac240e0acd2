import type { Invocation, Payload, RunError, RunErrorKind } from '@/lib/runtime/port'
import { errorBody } from './errors'

/** What a call that never ran answers with; the others are answers of the algorithm (status 200). */
const NOT_RUN_STATUS: Partial<Record<RunErrorKind, number>> = {
  input_too_large: 413,
  unusable_input: 400,
  overloaded: 429,
  not_built: 503,
  sandbox_refused: 503,
  aborted: 503,
}

/** Where only the status can say what went wrong. */
const RAW_STATUS: Record<RunErrorKind, number> = {
  algorithm_error: 400,
  loading_error: 500,
  timeout: 504,
  out_of_memory: 500,
  worker_exit: 500,
  result_too_large: 500,
  input_too_large: 413,
  unusable_input: 400,
  overloaded: 429,
  not_built: 503,
  sandbox_refused: 503,
  aborted: 503,
}

const MEDIA_TYPE: Record<Payload['type'], string> = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  binary: 'application/octet-stream',
}

/**
 * The response of a call: `{"result", "metadata", "request_id"}`, or `{"error", "metadata", "request_id"}`, which has
 * status 200 too when the algorithm ran. A JSON result goes in as the bytes that the algorithm wrote.
 */
export function callResponse(
  executionId: string,
  invocation: Invocation,
  options: { withStdout: boolean; withStackTrace: boolean },
): Response {
  const seconds = { duration: invocation.durationMs / 1000 }
  const request_id = requestIdOf(executionId)
  if (!invocation.ok) {
    const status = NOT_RUN_STATUS[invocation.error.kind]
    if (status) return errorBody(describeError(invocation.error, false), status)
    const error = describeError(invocation.error, options.withStackTrace)
    return Response.json({ error, metadata: seconds, request_id })
  }
  const { result } = invocation
  const metadata = {
    content_type: result.type,
    ...seconds,
    ...(options.withStdout && { stdout: invocation.stdout + invocation.stderr }),
  }
  const tail = `,"metadata":${JSON.stringify(metadata)},"request_id":${JSON.stringify(request_id)}}`
  const body = Buffer.concat([Buffer.from('{"result":'), jsonOf(result), Buffer.from(tail)])
  return bytesResponse(body, MEDIA_TYPE.json, 200)
}

/** The bare result (`output=raw`); an error is told by the status. */
export function rawResponse(executionId: string, invocation: Invocation): Response {
  const response = invocation.ok
    ? bytesResponse(invocation.result.bytes, MEDIA_TYPE[invocation.result.type], 200)
    : errorBody(describeError(invocation.error, false), RAW_STATUS[invocation.error.kind])
  response.headers.set('X-Request-Id', requestIdOf(executionId))
  return response
}

/** The id under which clients know an execution. */
export function requestIdOf(executionId: string): string {
  return `req-${executionId}`
}

/** Python reads `stack_trace`, everybody else `stacktrace`. */
function describeError(error: RunError, withStackTrace: boolean) {
  const { kind, errorType, stackTrace } = error
  const shown = withStackTrace && stackTrace !== undefined
  const advice = kind === 'unusable_input' ? ' For text send Content-Type: text/plain.' : ''
  return {
    message: error.message + advice,
    error_type: errorType,
    ...(shown && { stacktrace: stackTrace, stack_trace: stackTrace }),
  }
}

function jsonOf({ type, bytes }: Payload): Buffer {
  if (type === 'json') return bytes
  return Buffer.from(JSON.stringify(bytes.toString(type === 'binary' ? 'base64' : 'utf8')))
}

function bytesResponse(bytes: Buffer, contentType: string, status: number): Response {
  const headers = { 'Content-Type': contentType, 'Content-Length': String(bytes.length) }
  return new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers })
}
