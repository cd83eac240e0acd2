import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settledExecutions, testEngines } from '@/lib/engine/testing/test-engines'
import { logger } from '@/lib/logger'
import { isMetricsToken, readMetrics } from './read-metrics'
import { startTracing } from './start-tracing'

const parts = testEngines()

type Span = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: { key: string; value: Record<string, unknown> }[]
}

/** A collector of our own: what an OTLP exporter sends it over HTTP. */
async function startCollector() {
  const spans: Span[] = []
  const services = new Set<unknown>()
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
      for (const { key, value } of resource.attributes) if (key === 'service.name') services.add(value.stringValue)
      for (const scope of scopeSpans) spans.push(...scope.spans)
    }
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    spans,
    services,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

describe('tracing', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>
  beforeAll(async () => {
    collector = await startCollector()
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
    process.env.OTEL_SERVICE_NAME = 'under-test'
  })
  afterAll(async () => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    delete process.env.OTEL_SERVICE_NAME
    await collector.close()
  })

  it('continues the trace of who sent the message, by traceparent and by Diagnostic-Id', async () => {
    const stop = await startTracing()
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
    const flow = await parts.connect()
    await parts.start((input) => {
      if (input === 'fails') throw new Error('no')
    })
    await flow.send('one', { messageId: 'first', properties: { traceparent: `00-${traceId}-${spanId}-01` } })
    await settledExecutions(flow, 1)
    await flow.send('two', { properties: { 'Diagnostic-Id': `00-${'c'.repeat(32)}-${spanId}-01` } })
    const executions = await settledExecutions(flow, 2)
    await stop()
    const deliveries = collector.spans.filter(({ name }) => name.startsWith('process '))
    expect(deliveries.map((span) => [span.traceId, span.parentSpanId])).toEqual([
      [traceId, spanId],
      ['c'.repeat(32), spanId],
    ])
    const attributes = new Map(deliveries[0]?.attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
    expect(attributes.get('messaging.message.id')).toBe('first')
    expect(attributes.get('headrace.execution.id')).toBe(executions[0]?.id)
    expect(attributes.get('headrace.settlement')).toBe('completed')
    const below = collector.spans.filter(({ parentSpanId }) => parentSpanId === deliveries[0]?.spanId)
    expect(below.map(({ name }) => name).sort()).toEqual(['record', 'run', 'settle'])
    expect(collector.services).toEqual(new Set(['under-test']))
  })

  it('is off unless a collector is named, and when it is switched off', async () => {
    const before = collector.spans.length
    const stops = [await startTracing({}), await startTracing({ ...process.env, OTEL_SDK_DISABLED: 'true' })]
    const flow = await parts.connect()
    await parts.start(() => null)
    await flow.send('untraced')
    await settledExecutions(flow, 1)
    for (const stop of stops) await stop()
    expect(collector.spans.length).toBe(before)
  })
})

describe('metrics', () => {
  it('count deliveries, runs, settlements and ledger batches', async () => {
    const flow = await parts.connect({ queue: { maxDeliveryCount: 2 } })
    await parts.start((input) => {
      if (input === 'fails') throw new Error('no')
    })
    await flow.send('works')
    await flow.send('fails')
    await settledExecutions(flow, 3)
    const { text } = await readMetrics()
    const { queueName } = flow.address
    const labels = `flow="${flow.flowId}",queue="${queueName}"`
    expect(text).toContain(`headrace_deliveries_total{${labels}} 3`)
    expect(text).toContain(`headrace_runs_total{${labels},outcome="succeeded"} 1`)
    expect(text).toContain(`headrace_runs_total{${labels},outcome="algorithm_error"} 2`)
    expect(text).toContain(`headrace_settlements_total{${labels},settlement="abandoned"} 2`)
    expect(text).toMatch(/headrace_ledger_batch_size_count\{kind="record"\} [1-9]/)
    expect(text).toMatch(/headrace_run_duration_seconds_count [1-9]/)
  })

  it('are for who brings the token', () => {
    const token = 'a token of sixteen letters'
    expect(isMetricsToken(`Bearer ${token}`, token)).toBe(true)
    for (const wrong of [null, '', token, `Bearer ${token}x`, 'Bearer '])
      expect(isMetricsToken(wrong, token)).toBe(false)
  })
})

it('each delivery that does not complete leaves a log line with flow, message, execution and attempt', async () => {
  const lines: Record<string, unknown>[] = []
  const listening = logger.child({}, { level: 'info' })
  listening.info = ((fields: Record<string, unknown>, msg: string) => lines.push({ ...fields, msg })) as never
  const flow = await parts.connect({ queue: { maxDeliveryCount: 1 } })
  await parts.start(
    () => {
      throw new Error('no')
    },
    { logger: listening },
  )
  await flow.send('poison', { messageId: 'poison' })
  const [execution] = await settledExecutions(flow, 1)
  expect(lines.find(({ msg }) => msg === 'a delivery is over')).toMatchObject({
    flowId: flow.flowId,
    messageId: 'poison',
    executionId: execution?.id,
    attempt: 1,
    settlement: 'abandoned',
  })
})
