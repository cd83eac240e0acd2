type Settling = { id: number; settled: unknown; state?: { descriptor?: { value: unknown } } | undefined; link: unknown }

type Incoming = { updated: Settling[]; update(...args: unknown[]): void }

const ACCEPTED = 0x24

/** Stands between two deliveries so that they are told of in two frames; is itself told to nobody. */
const SEPARATOR: Settling = {
  id: -1,
  settled: 'a separator',
  link: { is_receiver: () => true, session: { output: () => {} } },
}

const mended = new WeakSet<object>()

/**
 * rhea, below the Service Bus client, tells of neighbouring deliveries in one frame. Up to its version 3.0.5 it gives the
 * second one the outcome of the first, whatever its own is (`write_dispositions` in lib/session.js): a message that was
 * abandoned or dead-lettered in the same turn as the one before it was completed became a completed one, and was lost.
 * Call this with what was received, before it is settled: from then on only completions go together.
 */
export function settleApart(received: object): void {
  const { delivery } = received as { delivery?: { link: { session: { incoming: Incoming } } } }
  const prototype = delivery && (Object.getPrototypeOf(delivery.link.session.incoming) as Incoming)
  if (!prototype || mended.has(prototype)) return
  mended.add(prototype)
  const { update } = prototype
  prototype.update = function (this: Incoming, ...args) {
    const before = this.updated.length
    update.apply(this, args)
    const [former, latter] = before > 0 ? this.updated.slice(before - 1) : []
    if (former && latter && !(isAccepted(former) && isAccepted(latter))) this.updated.splice(before, 0, SEPARATOR)
  }
}

const isAccepted = ({ state }: Settling): boolean => state?.descriptor?.value === ACCEPTED
