import { constants, openSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'
import path from 'node:path'
import { KIB } from '../limits'
import { runCommand } from '../processes/spawn'
import { giveToSandbox } from '../sandbox/worker-identity'

const MKFIFO_TIMEOUT_MS = 5_000
/** Node can not make a pipe with a name, and a program for each would cost more than the rest of a start. */
const PIPES_AT_ONCE = 16
const READ_BYTES = 256 * KIB

/**
 * What is read next, of any worker: bytes are read and handed over within one turn. A buffer of its own for each read
 * would cost more than a small answer.
 */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES)

/** The pipe that a worker writes its answers to, open for reading. */
export type AnswerPipe = { path: string; close(): void }

/** Makes named pipes, a stock at a time. */
export class AnswerPipeStock {
  readonly #folder: string
  readonly #ready: string[] = []
  #refill: Promise<void> | undefined
  #made = 0

  /** @param folder on the file system that the pipes go to */
  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Puts a pipe at `target` for the kernel user `uid` and opens it, before its worker starts: a path that an algorithm
   * could replace is never opened later. Read and write, so that it never ends while the worker has it closed; through
   * a socket, so that waiting for it takes none of the threads that file reads use.
   * @param onBytes gets what was written; the buffer is used again when it returns
   */
  async take(target: string, uid: number, onBytes: (chunk: Buffer) => void): Promise<AnswerPipe> {
    while (this.#ready.length === 0) {
      this.#refill ??= this.#make().finally(() => {
        this.#refill = undefined
      })
      await this.#refill
    }
    await rename(this.#ready.pop() as string, target)
    await giveToSandbox(target, uid)
    const descriptor = openSync(target, constants.O_RDWR | constants.O_NONBLOCK)
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

  async #make(): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const pipes = Array.from({ length: PIPES_AT_ONCE }, () => path.join(this.#folder, `p${this.#made++}`))
    const command = { command: 'mkfifo', args: ['-m', '600', ...pipes], env: { PATH: '/usr/bin:/bin' } }
    const made = await runCommand(command, MKFIFO_TIMEOUT_MS)
    if (made.code !== 0) throw new Error(`mkfifo failed: ${made.failure ?? made.stderr.trim()}`)
    this.#ready.push(...pipes)
  }
}
