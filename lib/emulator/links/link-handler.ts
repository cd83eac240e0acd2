import type { Delivery, Message } from 'rhea'
import type { OutcomeName } from './outcomes'

/** A message that came in on a link: raw bytes on publisher links, decoded elsewhere. */
export type IncomingMessage = { message: Message | Buffer; format: number | undefined; delivery: Delivery }

/** What a link does after its attach was accepted. */
export type LinkHandler = {
  onMessage?(incoming: IncomingMessage): void
  /** The peer gave credit. */
  onFlow?(): void
  onDrain?(): void
  onOutcome?(outcome: OutcomeName, delivery: Delivery): void
  /** The link, its session or its connection is gone. */
  onClosed(): void
}
