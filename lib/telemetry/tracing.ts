import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'

const propagator = new W3CTraceContextPropagator()

// Next bundles this module more than once.
const shared = globalThis as unknown as { headraceTracing?: boolean }

export function setTracing(isOn: boolean): void {
  shared.headraceTracing = isOn
}

export type Trace = { span: Span; context: Context }

export type TracedMessage = {
  queueName: string
  host: string
  messageId: string | null
  attempt: number
  properties: Record<string, unknown>
}

/**
 * The span of a delivery, from receipt to settlement, as a child of the span that sent the message: W3C's `traceparent`
 * or, as Azure's SDKs send it, `Diagnostic-Id`. Null unless tracing is on, so that it costs nothing.
 */
export function traceDelivery({ queueName, host, messageId, attempt, properties }: TracedMessage): Trace | null {
  if (!shared.headraceTracing) return null
  const span = trace.getTracer('headrace').startSpan(
    `process ${queueName}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'servicebus',
        'messaging.operation.type': 'process',
        'messaging.destination.name': queueName,
        'server.address': host,
        'messaging.servicebus.message.delivery_count': attempt,
        ...(messageId === null ? {} : { 'messaging.message.id': messageId }),
      },
    },
    senderContext(properties),
  )
  return { span, context: trace.setSpan(ROOT_CONTEXT, span) }
}

/** Does `work` in a span below `parent`'s; without a parent just does it. */
export function inSpan<T>(parent: Trace | null, name: string, work: () => Promise<T>): Promise<T> {
  return parent ? inOwnSpan(parent, name, work) : work()
}

async function inOwnSpan<T>(parent: Trace, name: string, work: () => Promise<T>): Promise<T> {
  const span = trace.getTracer('headrace').startSpan(name, {}, parent.context)
  try {
    return await work()
  } catch (error) {
    span.recordException(error instanceof Error ? error : String(error))
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}

export function endTrace(traced: Trace | null, attributes: Attributes, error?: string): void {
  if (!traced) return
  traced.span.setAttributes(attributes)
  if (error !== undefined) traced.span.setStatus({ code: SpanStatusCode.ERROR, message: error })
  traced.span.end()
}

function senderContext(properties: Record<string, unknown>): Context {
  const traceparent = properties.traceparent ?? properties['Diagnostic-Id']
  if (typeof traceparent !== 'string') return ROOT_CONTEXT
  const carrier = {
    traceparent,
    ...(typeof properties.tracestate === 'string' && { tracestate: properties.tracestate }),
  }
  return propagator.extract(ROOT_CONTEXT, carrier, {
    keys: (from) => Object.keys(from),
    get: (from, key) => (from as Record<string, string>)[key],
  })
}
