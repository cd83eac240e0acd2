import { journalPath, syncDirectory } from './files'
import { JournalFile } from './journal-file'

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
  #file: JournalFile
  #number: number
  #pending: Buffer[] = []
  #waiters: ((error?: Error) => void)[] = []
  #flushing = false
  #scheduled = false
  #isClosed = false
  #failure: Error | undefined
  #rotations: (() => void)[] = []
  /** Size of the current file, including what is about to be written. */
  sizeBytes: number

  constructor(private readonly options: JournalOptions) {
    this.#number = options.number
    this.#file = this.#open()
    this.sizeBytes = this.#file.sizeBytes
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
        this.#isClosed = true
        this.#file.close()
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
      if (!this.#flushing) this.#flush()
    })
  }

  #flush(): void {
    for (const rotate of this.#rotations.splice(0)) rotate()
    const data = Buffer.concat(this.#pending)
    const waiters = this.#waiters
    this.#pending = []
    this.#waiters = []
    this.#flushing = true
    this.#file.append(data, (error) => {
      this.#flushing = false
      if (error) return this.#fail(error, waiters)
      for (const done of waiters) done()
      if (!this.#isClosed) this.#makeRoom()
    })
  }

  #makeRoom(): void {
    this.#flushing = this.#file.needsRoom
    if (this.#flushing) this.#file.reserve(() => this.#goOn())
    else this.#goOn()
  }

  #goOn(): void {
    this.#flushing = false
    if (this.#pending.length + this.#waiters.length + this.#rotations.length > 0) this.#schedule()
  }

  #openNext(): number {
    this.#file.close()
    this.#number++
    this.#file = this.#open()
    this.sizeBytes = this.#pending.reduce((sum, record) => sum + record.length, 0)
    return this.#number
  }

  #open(): JournalFile {
    const { directory, sync } = this.options
    const file = new JournalFile(journalPath(directory, this.#number), sync)
    syncDirectory(directory)
    return file
  }

  #fail(error: Error, waiters: ((error: Error) => void)[]): void {
    this.#failure = error
    for (const done of [...waiters, ...this.#waiters.splice(0)]) done(error)
    this.options.onFailure(error)
  }
}
