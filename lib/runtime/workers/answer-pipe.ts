import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { runCommand } from '../processes/spawn'
import { giveToWorker } from '../sandbox/worker-identity'

const MKFIFO_TIMEOUT_MS = 5_000

/** The pipe that a worker writes its answers to, open for reading. */
export type AnswerPipe = { path: string; stream: Socket; close(): void }

/**
 * Makes the pipe and opens it before the worker starts: a path that an algorithm could replace is never opened later.
 * Read and write, so that it never ends while the worker has it closed; through a socket, so that waiting for it
 * takes none of the threads that file reads use.
 */
export async function createAnswerPipe(path: string): Promise<AnswerPipe> {
  const command = { command: 'mkfifo', args: ['-m', '600', path], env: { PATH: '/usr/bin:/bin' } }
  const made = await runCommand(command, MKFIFO_TIMEOUT_MS)
  if (made.code !== 0) throw new Error(`mkfifo failed: ${made.failure ?? made.stderr.trim()}`)
  await giveToWorker(path)
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const stream = new Socket({ fd: descriptor, readable: true, writable: false })
  stream.on('error', () => stream.destroy())
  return { path, stream, close: () => stream.destroy() }
}
