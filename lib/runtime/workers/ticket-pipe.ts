import { closeSync, readSync, writeSync } from 'node:fs'
import type { PipeStock } from './pipe-stock'

const TICKET = Buffer.from('t')
/** More than there ever are. */
const readBuffer = Buffer.alloc(64)

/** Leave to begin calls that were sent ahead: a ticket for each, which the worker takes when it begins one. */
export type TicketPipe = {
  path: string
  /** Adds a ticket. False when that can not be: no call may be sent ahead then. */
  put(): boolean
  /** Takes back all that the worker has not taken: as many calls, the last ones, never begin. */
  takeBack(): number
  close(): void
}

/** Puts a pipe for tickets at `target` for the kernel user `uid`. */
export async function openTicketPipe(stock: PipeStock, target: string, uid: number): Promise<TicketPipe> {
  const descriptor = await stock.take(target, uid)
  return {
    path: target,
    put: () => quietly(() => writeSync(descriptor, TICKET)) === 1,
    takeBack: () => quietly(() => readSync(descriptor, readBuffer)),
    close: () => closeSync(descriptor),
  }
}

/** A pipe without tickets, or filled up by the algorithm, is an error to the system (EAGAIN). */
function quietly(use: () => number): number {
  try {
    return use()
  } catch {
    return 0
  }
}
