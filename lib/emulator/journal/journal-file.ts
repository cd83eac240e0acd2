import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, write, writeSync } from 'node:fs'

const SMALLEST_RESERVE_BYTES = 64 * 1024
const LARGEST_RESERVE_BYTES = 1024 * 1024

type Done = (error: Error | null) => void

/**
 * The end of one journal's file. Room is reserved ahead by zeros: a write into a file that does not grow reaches the
 * disk in a third of the time, because the file system has nothing to note of it. One call at a time.
 */
export class JournalFile {
  readonly #file: number
  readonly #sync: boolean
  /** How far the records go; behind them are zeros only. */
  #endAt: number
  #reservedTo: number
  #mayReserve: boolean

  /** Writes behind what the file holds; it must hold whole records only. `sync`: a write is over when the disk has it. */
  constructor(path: string, sync: boolean) {
    this.#file = openSync(path, constants.O_CREAT | constants.O_WRONLY, 0o600)
    this.#endAt = fstatSync(this.#file).size
    this.#reservedTo = this.#endAt
    this.#sync = sync
    this.#mayReserve = sync
  }

  get sizeBytes(): number {
    return this.#endAt
  }

  append(data: Buffer, done: Done): void {
    if (data.length === 0) {
      done(null)
      return
    }
    try {
      this.#writeNow(data)
    } catch (error) {
      done(error as Error)
      return
    }
    if (this.#sync) fdatasync(this.#file, done)
    else setImmediate(done, null)
  }

  /** Into the system's memory, which takes a tenth of the time that it takes to have another thread do it. */
  #writeNow(data: Buffer): void {
    for (let written = 0; written < data.length; ) {
      written += writeSync(this.#file, data, written, data.length - written, this.#endAt + written)
    }
    this.#endAt += data.length
  }

  /** Whether little of what was reserved is left. */
  get needsRoom(): boolean {
    return this.#mayReserve && this.#reservedTo - this.#endAt < this.#reserveBytes() / 2
  }

  /** Reserves more. A disk that has no more is found out by the next write. */
  reserve(done: () => void): void {
    const from = Math.max(this.#reservedTo, this.#endAt)
    const zeros = Buffer.alloc(this.#reserveBytes())
    this.#writeAll(zeros, from, (error) => {
      if (error) this.#mayReserve = false
      else this.#reservedTo = from + zeros.length
      done()
    })
  }

  /** Gives back what was reserved. */
  close(): void {
    ftruncateSync(this.#file, this.#endAt)
    closeSync(this.#file)
  }

  /** The more is written, the more is reserved. */
  #reserveBytes(): number {
    return Math.min(LARGEST_RESERVE_BYTES, Math.max(SMALLEST_RESERVE_BYTES, this.#endAt))
  }

  /** A write may take only part of the data. */
  #writeAll(data: Buffer, at: number, done: Done): void {
    write(this.#file, data, 0, data.length, at, (error, written) => {
      if (error) done(error)
      else if (written < data.length) this.#writeAll(data.subarray(written), at + written, done)
      else done(null)
    })
  }
}
