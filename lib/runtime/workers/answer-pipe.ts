import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { KIB } from '../limits'
import type { PipeStock } from './pipe-stock'

const READ_BYTES = 256 * KIB

/**
 * What is read next, of any worker: bytes are read and handed over within one turn. A buffer of its own for each read
 * would cost more than a small answer.
 */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES)

/** The pipe that a worker writes its answers to, open for reading. */
export type AnswerPipe = { path: string; close(): void }

/**
 * Puts a pipe for answers at `target` for the kernel user `uid`, and reads it through a socket, so that waiting for it
 * takes none of the threads that file reads use.
 * @param onBytes gets what was written; the buffer is used again when it returns
 */
export async function openAnswerPipe(
  stock: PipeStock,
  target: string,
  uid: number,
  onBytes: (chunk: Buffer) => void,
): Promise<AnswerPipe> {
  const descriptor = await stock.take(target, uid)
  const callback = (bytes: number) => {
    onBytes(readBuffer.subarray(0, bytes))
    return true
  }
  const onread = { buffer: readBuffer, callback }
  const options: SocketConstructorOpts & ConnectOpts = { fd: descriptor, readable: true, writable: false, onread }
  const stream = new Socket(options)
  stream.on('error', () => stream.destroy())
  return { path: target, close: () => stream.destroy() }
}
