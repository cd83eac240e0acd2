/** What is wrong between us and a queue, as far as a person or the engine must tell cases apart. */
export type BrokerFaultKind =
  // Somebody must change the connection string, the queue or the policy.
  | 'key_wrong'
  | 'key_expired'
  | 'right_missing'
  | 'queue_not_found'
  | 'queue_disabled'
  | 'session_queue'
  | 'no_session_queue'
  | 'tls_mismatch'
  | 'other_queue' // EntityPath binds the string to another queue
  // It may pass by itself.
  | 'unreachable'
  | 'no_answer'
  | 'busy'
  // About one message.
  | 'lock_lost'
  | 'message_too_large'
  | 'aborted'
  | 'unknown'

export type BrokerFault = { kind: BrokerFaultKind; detail: string }

const MISCONFIGURED: ReadonlySet<BrokerFaultKind> = new Set([
  'key_wrong',
  'key_expired',
  'right_missing',
  'queue_not_found',
  'queue_disabled',
  'session_queue',
  'no_session_queue',
  'tls_mismatch',
  'other_queue',
])

/** Whether trying again at once is useless: a person has to change something. */
export const isMisconfigured = (fault: BrokerFault): boolean => MISCONFIGURED.has(fault.kind)

/** What every method of the Broker port rejects with. */
export class BrokerError extends Error {
  readonly fault: BrokerFault

  constructor(fault: BrokerFault, cause?: unknown) {
    super(fault.detail, { cause })
    this.name = 'BrokerError'
    this.fault = fault
  }
}

const NETWORK_ERRORS = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|ENETUNREACH|EPIPE/

/** Tells what an error of `@azure/service-bus` 7.9.5 means, from its code and text. The first rule that fits wins. */
const RULES: { kind: BrokerFaultKind; fits: (code: string, text: string) => boolean }[] = [
  { kind: 'lock_lost', fits: (code) => /^(MessageLockLost|SessionLockLost|MessageNotFound)$/.test(code) },
  { kind: 'queue_not_found', fits: (code) => /^(MessagingEntityNotFound|MessageEntityNotFoundError)$/.test(code) },
  { kind: 'queue_disabled', fits: (code) => code === 'MessagingEntityDisabled' },
  { kind: 'message_too_large', fits: (code) => code === 'MessageSizeExceeded' },
  { kind: 'key_expired', fits: (code, text) => code === 'UnauthorizedAccess' && /ExpiredToken|expired/i.test(text) },
  {
    kind: 'right_missing',
    fits: (code, text) => code === 'UnauthorizedAccess' && /claim\(s\) (are|is) required/i.test(text),
  },
  { kind: 'key_wrong', fits: (code) => code === 'UnauthorizedAccess' },
  {
    kind: 'no_session_queue',
    fits: (_, text) =>
      /sessionful .*receiver cannot be created on an entity that does not require sessions/i.test(text),
  },
  { kind: 'session_queue', fits: (_, text) => /InvalidOperation/.test(text) && /session/i.test(text) },
  { kind: 'other_queue', fits: (_, text) => /EntityPath|entity name in the connection string/i.test(text) },
  { kind: 'unreachable', fits: (code, text) => NETWORK_ERRORS.test(code) || NETWORK_ERRORS.test(text) },
  {
    kind: 'tls_mismatch',
    fits: (code, text) => /CERT|SELF_SIGNED|ERR_SSL|EPROTO/.test(`${code} ${text}`) || text === 'Failed to connect',
  },
  { kind: 'busy', fits: (code) => code === 'ServiceBusy' || code === 'QuotaExceeded' },
  {
    kind: 'no_answer',
    fits: (code, text) => code === 'ServiceTimeout' || /Unable to open the amqp connection|timed out/i.test(text),
  },
]

/**
 * Reads what the SDK threw. A retried failure is an AggregateError with neither text nor code: its last error counts.
 * `detail` is the SDK's text, for logs; it holds no key.
 */
export function readFault(error: unknown): BrokerFault {
  if (error instanceof BrokerError) return error.fault
  const inner = unwrap(error)
  if (inner.name === 'AbortError' || inner.name === 'TimeoutError') return { kind: 'aborted', detail: 'aborted' }
  const code = String(inner.code ?? '')
  const rule = RULES.find(({ fits }) => fits(code, inner.message))
  return { kind: rule?.kind ?? 'unknown', detail: inner.message || code || 'unknown error' }
}

function unwrap(error: unknown): { name: string; message: string; code?: unknown } {
  let current = error
  while (current instanceof AggregateError && current.errors.length > 0) current = current.errors.at(-1)
  if (current instanceof Error) return current as Error & { code?: unknown }
  return { name: 'Error', message: String(current) }
}
