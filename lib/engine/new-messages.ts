import { type Abortable, orAborted } from '@/lib/abortable'
import type { Delivery } from './broker/port'

/**
 * Knows which messages can not have won yet, so that the ledger need not be asked about each. A queue numbers its messages
 * in rising order, and a message keeps its number (Service Bus: "Message sequencing and timestamps"): one with a number
 * above all that the ledger held when the link came to stand, and above all that came over the link before, has never
 * run. Where numbers do not rise (sessions, partitions, a queue that was made anew) the ledger is asked.
 */
export class NewMessages {
  readonly #readHighest: (signal: Abortable) => Promise<bigint>
  /** In the ledger, when the link came to stand; read when the first message comes. */
  #highest: bigint | Promise<bigint> | undefined
  #highestSeen = -1n

  /** @param readHighest of the flow's messages in the ledger; rejects with its signal's reason */
  constructor(readHighest: (signal: Abortable) => Promise<bigint>) {
    this.#readHighest = readHighest
  }

  /** The link stands anew: until then another engine may have had the flow. */
  forget(): void {
    this.#highest = undefined
  }

  /** To be told of each delivery in the order in which they come. Whether the message may be new, as far as the link knows. */
  note({ attempt, message: { sequenceNumber } }: Delivery): boolean {
    const isHighest = sequenceNumber > this.#highestSeen
    if (isHighest) this.#highestSeen = sequenceNumber
    return isHighest && attempt === 1
  }

  /** Whether the ledger can not know a message that `note` said may be new. Never rejects; false when that is not known. */
  async isUnrecorded(sequenceNumber: bigint, signal: Abortable): Promise<boolean> {
    if (typeof this.#highest === 'bigint') return sequenceNumber > this.#highest
    this.#highest ??= this.#read(signal)
    try {
      return sequenceNumber > (await orAborted(this.#highest, signal))
    } catch {
      return false
    }
  }

  #read(signal: Abortable): Promise<bigint> {
    const reading = this.#readHighest(signal)
    const keep = (highest: bigint | undefined) => {
      // The link may stand anew by now.
      if (this.#highest === reading) this.#highest = highest
    }
    reading.then(keep, () => keep(undefined))
    return reading
  }
}
