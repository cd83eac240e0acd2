import { writevSync } from 'node:fs'
import type { Writable } from 'node:stream'

/** What a stream of a child process keeps its descriptor in: no public name leads there. Null once it is closed. */
type Descriptor = { _handle?: { fd: number } | null }

/**
 * Hands requests to a worker: by one system call on the descriptor as far as the worker has room, the rest through the
 * stream, which waits. A stream's own way costs as much again as the call.
 */
export class RequestWriter {
  readonly #stdin: Writable & Descriptor
  #gathered: Buffer[] = []

  /** @param stdin of a child process, whose descriptor never blocks; its errors are its owner's business */
  constructor(stdin: Writable) {
    this.#stdin = stdin
  }

  /** What is written within one turn of the event loop goes to the worker at once: to wake it up costs more than the rest. */
  write(parts: Buffer[]): void {
    if (this.#gathered.length > 0) this.#gathered.push(...parts)
    else {
      this.#gathered = parts
      process.nextTick(this.#flush)
    }
  }

  readonly #flush = () => {
    const parts = this.#gathered
    this.#gathered = []
    let sent = this.#writeNow(parts)
    for (const part of parts) {
      if (sent < part.length) this.#stdin.write(sent > 0 ? part.subarray(sent) : part)
      sent = Math.max(0, sent - part.length)
    }
  }

  /** Returns how many bytes went out: none when there is no room (EAGAIN), or nobody reads any more (EPIPE). */
  #writeNow(parts: Buffer[]): number {
    // Asked for each time: a closed descriptor's number may be another's by now.
    const { _handle: handle, writableLength } = this.#stdin
    if (!handle || handle.fd < 0 || writableLength > 0) return 0
    try {
      return writevSync(handle.fd, parts)
    } catch {
      return 0
    }
  }
}
