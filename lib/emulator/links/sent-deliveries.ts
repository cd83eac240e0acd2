import type { Delivery } from 'rhea'
import type { DispositionRange, Outgoing, SentDelivery, SessionInternals } from './rhea-private'

/** Deliveries of a session that may wait to be written. */
const MAX_UNWRITTEN = 2048
const WRITTEN: Buffer[] = []

/**
 * What a session has sent and not settled yet, in place of rhea's ring. That one holds 2,048 deliveries and is freed from
 * its head only: one delivery that a client never settles stops the whole session 2,047 later, without a word. Here a
 * delivery leaves by itself, from any place: settled, or forgotten when its lock has ended. What is sent is bounded by
 * the locks of the queue, so only what waits to be written is counted.
 */
export class SentDeliveries {
  readonly #byId = new Map<number, SentDelivery>()
  /** The id up to which `pop_if` has seen everything written. */
  #seenWritten = 0

  constructor(private readonly outgoing: Outgoing) {}

  /** How many more may wait. */
  available(): number {
    return MAX_UNWRITTEN - (this.outgoing.next_delivery_id - this.outgoing.next_pending_delivery)
  }

  push(delivery: SentDelivery): void {
    this.#byId.set(delivery.id, delivery)
  }

  by_id(id: number): SentDelivery | undefined {
    return this.#byId.get(id)
  }

  /** rhea calls this after each round of writing. */
  pop_if(): void {
    while (this.#seenWritten < this.outgoing.next_pending_delivery) {
      const delivery = this.#byId.get(this.#seenWritten++)
      if (!delivery) continue
      // Never sent again, so nobody needs the bytes of what a client may leave unsettled.
      delivery.data = WRITTEN
      if (delivery.settled) this.#byId.delete(delivery.id)
      delivery.whenWritten?.()
    }
  }

  /** Drops a delivery as soon as it is written: rhea looks for those that wait by their ids, one after the other. */
  forget(delivery: SentDelivery): void {
    if (delivery.id < this.outgoing.next_pending_delivery) this.#byId.delete(delivery.id)
    else delivery.whenWritten = () => this.#byId.delete(delivery.id)
  }
}

/** Puts `SentDeliveries` in the ring's place. A settlement of a delivery that was forgotten is answered with `refusal`. */
export function keepUnsettled(session: SessionInternals, refusal: unknown): void {
  const { outgoing } = session
  outgoing.deliveries = new SentDeliveries(outgoing)
  const apply = outgoing.on_disposition.bind(outgoing)
  outgoing.on_disposition = (range: DispositionRange) => {
    apply(range)
    if (!range.settled) for (const [first, last] of forgotten(outgoing, range)) refuse(session, first, last, refusal)
  }
}

/** The broker expects no settlement of this delivery any more. */
export function forgetDelivery(delivery: Delivery): void {
  const { outgoing } = delivery.link.session as SessionInternals
  outgoing.deliveries.forget(delivery)
}

/** Settles a delivery at this end. Receivers that settle second never send `settled` themselves: that was all. */
export function settleWithOutcome(delivery: Delivery, outcome: unknown): void {
  delivery.update(true, outcome)
  forgetDelivery(delivery)
}

/** Ranges of ids within a disposition that were written and are no longer kept. */
function forgotten(outgoing: Outgoing, range: DispositionRange): [first: number, last: number][] {
  const ranges: [number, number][] = []
  const last = Math.min(range.last || range.first, outgoing.next_pending_delivery - 1)
  for (let id = range.first; id <= last; id++) {
    if (outgoing.deliveries.by_id(id)) continue
    const latest = ranges.at(-1)
    if (latest?.[1] === id - 1) latest[1] = id
    else ranges.push([id, id])
  }
  return ranges
}

/** One frame, however many ids: rhea knows only deliveries, so it writes that of the first and the last id is put in. */
function refuse(session: SessionInternals, first: number, last: number, refusal: unknown): void {
  const output = (frame: DispositionRange) => {
    frame.last = last
    session.output(frame)
  }
  const link = { is_receiver: () => false, connection: session.connection, session: { output } }
  session.outgoing.update({ id: first, link }, true, refusal)
}
