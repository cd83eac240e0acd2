import { createTracingClient, type OperationTracingOptions } from '@azure/core-tracing'
import { expect, test } from 'vitest'
import { quietTracing } from './quiet-tracing'

const client = createTracingClient({ namespace: 'Test', packageName: 'test' })

async function spanAndContext() {
  const parts: unknown[] = []
  const options: { tracingOptions?: OperationTracingOptions } = {}
  await client.withSpan('process', options, async (updated, span) => {
    parts.push(span, updated.tracingOptions?.tracingContext)
  })
  return parts
}

test('hands out one span and one context for all, unlike the client alone', async () => {
  const [span, context] = await spanAndContext()
  const [laterSpan, laterContext] = await spanAndContext()
  expect(laterSpan).not.toBe(span)
  expect(laterContext).not.toBe(context)
  quietTracing()
  const [quietSpan, quietContext] = await spanAndContext()
  expect(quietSpan).toBeDefined()
  const [sameSpan, sameContext] = await spanAndContext()
  expect(sameSpan).toBe(quietSpan)
  expect(sameContext).toBe(quietContext)
})

test('lets results and errors pass', async () => {
  quietTracing()
  await expect(client.withSpan('settle', {}, async () => 'done')).resolves.toBe('done')
  const fails = client.withSpan('settle', {}, async () => {
    throw new Error('not settled')
  })
  await expect(fails).rejects.toThrow('not settled')
})
