import { checkArrays, mayHoldLargeArray } from '../codec/check-arrays'
import type { ConnectionInternals, DispositionRange, SessionInternals } from './rhea-private'

/*
 * What rhea believes of a peer that means harm. Each of these throws, or ends the connection, before rhea acts on it: an
 * error inside rhea's reading comes out as the connection's `error`.
 */

/** rhea waits for a frame of any size that a peer announces. */
export function limitFrameSize(connection: ConnectionInternals, maxBytes: number, onExceeded: () => void): void {
  const input = connection.input
  connection.input = function (this: ConnectionInternals, data: Buffer) {
    input.call(this, data)
    if ((this.frame_size ?? 0) > maxBytes) onExceeded()
  }
}

/** rhea makes as many elements of an array as it announces, before the first byte of it proves true. */
export function refuseArrayBombs(connection: ConnectionInternals): void {
  const { transport } = connection
  const read = transport.read
  transport.read = function (bytes, reader) {
    if (mayHoldLargeArray(bytes)) checkFrames(bytes)
    return read.call(this, bytes, reader)
  }
}

const PROTOCOL_HEADER = 'AMQP'
const HEADER_BYTES = 8

/** The performatives of all whole frames; what follows one in its frame is a message, which rhea does not decode. */
function checkFrames(bytes: Buffer): void {
  let at = 0
  while (at + HEADER_BYTES < bytes.length) {
    const isHeader = bytes.toString('latin1', at, at + PROTOCOL_HEADER.length) === PROTOCOL_HEADER
    const frameBytes = isHeader ? HEADER_BYTES : bytes.readUInt32BE(at)
    // What is not whole yet comes again; what is too short rhea refuses.
    if (frameBytes < HEADER_BYTES || at + frameBytes > bytes.length) return
    const performative = at + 4 * (bytes[at + 4] as number)
    if (!isHeader && performative < at + frameBytes) checkArrays(bytes.subarray(0, at + frameBytes), performative)
    at += frameBytes
  }
}

/** Deliveries that one disposition may name. */
const MAX_DISPOSITION_RANGE = 65_536

/** rhea counts through all ids of a disposition, were they four billion. */
export function limitDispositions(session: SessionInternals): void {
  for (const side of [session.incoming, session.outgoing]) {
    const apply = side.on_disposition.bind(side)
    side.on_disposition = (range: DispositionRange) => {
      if ((range.last ?? range.first) - range.first > MAX_DISPOSITION_RANGE) {
        throw new Error('a disposition names more deliveries than a session can have')
      }
      apply(range)
    }
  }
}
