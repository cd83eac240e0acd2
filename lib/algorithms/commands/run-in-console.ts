import type { Context } from '@/lib/context'
import { AppError } from '@/lib/errors'
import { callAlgorithm } from '@/lib/executions/commands/call-algorithm'
import { type Inside, visibleInside } from '@/lib/executions/inside'
import type { Invocation, Payload } from '@/lib/runtime/port'
import { type ConsoleRun, RunInConsole } from '../console-schema'
import { NOT_JSON } from '../json-text'

const CONSOLE_TIMEOUT_MS = 300_000
/** What a page shows of one result; the execution keeps what it keeps. */
const MAX_SHOWN_CHARS = 256 * 1024

/**
 * Runs a version or a built commit with JSON from the console and records the execution. Throws `invalid_input` for
 * text that is not JSON; an algorithm that fails is an answer. Logs are for the algorithm's owner.
 */
export async function runInConsole(ctx: Context, input: RunInConsole, signal?: AbortSignal): Promise<ConsoleRun> {
  const { owner, name, version, input: text } = RunInConsole.parse(input)
  const { executionId, invocation, resolved } = await callAlgorithm(ctx, {
    endpoint: [owner, name, version].filter(Boolean).join('/'),
    payload: { type: 'json', bytes: Buffer.from(text, 'utf8') },
    timeoutMs: CONSOLE_TIMEOUT_MS,
    source: 'console',
    ...(signal && { signal }),
  })
  if (!invocation.ok && invocation.error.kind === 'unusable_input') {
    throw new AppError('invalid_input', NOT_JSON, { fields: { input: NOT_JSON } })
  }
  const inside = await visibleInside(ctx, resolved.algorithm)
  return {
    executionId,
    durationMs: invocation.durationMs,
    logs: inside.streams ? logsOf(invocation) : '',
    ...resultOf(invocation, inside),
  }
}

function resultOf(invocation: Invocation, inside: Inside) {
  if (invocation.ok) {
    const { result } = invocation
    return { ok: true, output: shorten(textOf(result)), isBinary: result.type === 'binary' } as const
  }
  const { errorType, message, stackTrace } = invocation.error
  return { ok: false, errorType, message, stackTrace: (inside.stackTrace && stackTrace) || null } as const
}

/** Text results are shown as the JSON strings that they are to a client. */
function textOf(result: Payload): string {
  if (result.type === 'binary') return result.bytes.toString('base64')
  const text = result.bytes.toString('utf8')
  return result.type === 'text' ? JSON.stringify(text) : text
}

function logsOf(invocation: Invocation): string {
  return shorten([invocation.stdout, invocation.stderr].filter(Boolean).join('\n').trimEnd())
}

function shorten(text: string): string {
  if (text.length <= MAX_SHOWN_CHARS) return text
  return `${text.slice(0, MAX_SHOWN_CHARS)}\n… ${text.length - MAX_SHOWN_CHARS} characters more`
}
