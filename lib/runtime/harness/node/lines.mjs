/** Reads lines without a stream's way: a buffer of its own for each read would cost more than a small call. */
import { Socket } from 'node:net'

const READ_BYTES = 256 * 1024
const LINE_FEED = 0x0a

/** Tells `onLine` each line of a descriptor, as text, and `onEnd` its end, with an error if there was one. */
export function readLines(descriptor, onLine, onEnd) {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  let unfinished = []
  const callback = (bytes) => {
    const chunk = buffer.subarray(0, bytes)
    let from = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const text =
        unfinished.length === 0
          ? chunk.toString('utf8', from, end)
          : Buffer.concat([...unfinished, chunk.subarray(from, end)]).toString('utf8')
      unfinished = []
      from = end + 1
      onLine(text)
    }
    if (from < bytes) unfinished.push(Buffer.from(chunk.subarray(from)))
    return true
  }
  new Socket({ fd: descriptor, readable: true, writable: false, onread: { buffer, callback } })
    .on('error', onEnd)
    .on('end', () => onEnd())
}
