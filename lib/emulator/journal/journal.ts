import { closeSync, fdatasync, fstatSync, openSync, write } from 'node:fs'
import { journalPath, syncDirectory } from './files'

export type JournalOptions = {
  directory: string
  number: number
  /** False: an acknowledgement waits for the write, not for the disk. */
  sync: boolean
  /** Nothing can be acknowledged any more. */
  onFailure(error: Error): void
}

/**
 * An append-only file with group commit: records gather while a write is under way and go out together with the next
 * one.
 */
export class Journal {
  #file: number
  #number: number
  #pending: Buffer[] = []
  #waiters: ((error?: Error) => void)[] = []
  #flushing = false
  #scheduled = false
  #failure: Error | undefined
  #rotations: (() => void)[] = []
  /** Size of the current file, including what is about to be written. */
  sizeBytes: number

  constructor(private readonly options: JournalOptions) {
    this.#number = options.number
    this.#file = openSync(journalPath(options.directory, options.number), 'a', 0o600)
    this.sizeBytes = fstatSync(this.#file).size
    syncDirectory(options.directory)
  }

  append(record: Buffer): void {
    this.#pending.push(record)
    this.sizeBytes += record.length
    this.#schedule()
  }

  /** Calls back when all records so far are on disk, or with the disk's error; at once when there is nothing to wait for. */
  whenDurable(done: (error?: Error) => void): void {
    if (this.#failure || (!this.#flushing && this.#pending.length === 0)) {
      done(this.#failure)
      return
    }
    this.#waiters.push(done)
    this.#schedule()
  }

  /** Goes on in a new file; calls back with its number before any record is written to it. */
  rotate(): Promise<number> {
    return new Promise((resolve) => {
      this.#rotations.push(() => resolve(this.#openNext()))
      this.#schedule()
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.whenDurable(() => {
        closeSync(this.#file)
        resolve()
      })
    })
  }

  /** One turn of the event loop gathers what it brings. */
  #schedule(): void {
    if (this.#scheduled || this.#flushing || this.#failure) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    for (const rotate of this.#rotations.splice(0)) rotate()
    const data = Buffer.concat(this.#pending)
    const waiters = this.#waiters
    this.#pending = []
    this.#waiters = []
    this.#flushing = true
    writeAll(this.#file, data, this.options.sync, (error) => {
      this.#flushing = false
      if (error) return this.#fail(error, waiters)
      for (const done of waiters) done()
      if (this.#pending.length + this.#waiters.length + this.#rotations.length > 0) this.#schedule()
    })
  }

  #openNext(): number {
    closeSync(this.#file)
    this.#number++
    this.#file = openSync(journalPath(this.options.directory, this.#number), 'a', 0o600)
    syncDirectory(this.options.directory)
    this.sizeBytes = this.#pending.reduce((sum, record) => sum + record.length, 0)
    return this.#number
  }

  #fail(error: Error, waiters: ((error: Error) => void)[]): void {
    this.#failure = error
    for (const done of [...waiters, ...this.#waiters.splice(0)]) done(error)
    this.options.onFailure(error)
  }
}

/** A write may take only part of the data. */
function writeAll(file: number, data: Buffer, sync: boolean, done: (error: Error | null) => void): void {
  if (data.length === 0) {
    done(null)
    return
  }
  write(file, data, 0, data.length, null, (error, written) => {
    if (error) done(error)
    else if (written < data.length) writeAll(file, data.subarray(written), sync, done)
    else if (sync) fdatasync(file, done)
    else done(null)
  })
}
