import rhea from 'rhea'
import type { Transfer } from './bare-rhea-client'

/** Message format of a transfer that carries several messages (Service Bus). */
const BATCH_FORMAT = 0x80013700

/** About 300 bytes of JSON, as an order would be. */
const BODY = {
  id: 1,
  customer: `ACME ${'x'.repeat(180)}`,
  lines: [
    { sku: 'A-1', qty: 3 },
    { sku: 'B-2', qty: 1 },
  ],
  at: '2026-01-01T00:00:00Z',
}

/** A message for the official client. */
export function serviceBusMessage(index: number) {
  return { body: BODY, messageId: `m${index}`, contentType: 'application/json', applicationProperties: { n: index } }
}

/** The same for rhea. */
export function bareMessage(index: number): Transfer {
  return {
    message: {
      message_id: `m${index}`,
      content_type: 'application/json',
      application_properties: { n: index },
      body: rhea.message.data_section(Buffer.from(JSON.stringify(BODY))),
    },
  }
}

/** `count` messages in one transfer. */
export function bareBatch(start: number, count: number): Transfer {
  const encoded = Array.from({ length: count }, (_, index) =>
    rhea.message.encode(bareMessage(start + index).message as never),
  )
  const envelope = { body: (rhea.message as unknown as DataSections).data_sections(encoded as never) }
  return { message: rhea.message.encode(envelope as never), format: BATCH_FORMAT }
}

type DataSections = { data_sections(sections: never): unknown }
