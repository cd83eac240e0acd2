import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { MAX_PENDING_EGRESS } from '../limits'
import { connectEgress, EgressRefused, type EgressRules, type Endpoint, formatEndpoint } from './egress'

/** Makes the connections that one sandbox asks for: only so many at once, and none for who has gone away meanwhile. */
export class Outgoing {
  readonly #rules: EgressRules
  #pending = 0

  constructor(rules: EgressRules) {
    this.#rules = rules
  }

  /** @throws EgressRefused, or the system's error when the endpoint does not answer or the client is gone */
  async connect(endpoint: Endpoint, client: Duplex): Promise<Socket> {
    // Names are looked up by a few threads that the whole server shares, and can not be called off.
    if (this.#pending >= MAX_PENDING_EGRESS) {
      const name = formatEndpoint(endpoint)
      throw new EgressRefused(`connection to ${name} refused: ${MAX_PENDING_EGRESS} others are being opened already`)
    }
    const gone = new AbortController()
    const onClose = () => gone.abort(new Error('the algorithm closed its connection'))
    client.once('close', onClose)
    if (client.destroyed) onClose()
    this.#pending++
    try {
      return await connectEgress(endpoint, this.#rules, gone.signal)
    } finally {
      this.#pending--
      client.off('close', onClose)
    }
  }
}
