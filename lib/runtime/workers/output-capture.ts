/** The database's text type can not hold this character. */
const NUL = /\0/g

const NOTHING = { text: '', isTruncated: false }

/** What one stream said during one call: its first and its last part, half of `maxBytes` each. */
export class OutputCapture {
  readonly #half: number
  #head: Buffer[] = []
  #headBytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0
  #droppedBytes = 0

  constructor(maxBytes: number) {
    this.#half = Math.floor(maxBytes / 2)
  }

  push(chunk: Buffer): void {
    const room = this.#half - this.#headBytes
    if (room > 0) {
      this.#head.push(chunk.subarray(0, room))
      this.#headBytes += Math.min(room, chunk.length)
    }
    if (chunk.length > room) this.#pushTail(chunk.subarray(Math.max(0, room)))
  }

  /** What was captured so far. */
  peek(): string {
    if (this.#headBytes === 0) return ''
    const gap = this.#droppedBytes > 0 ? [Buffer.from(`\n… ${this.#droppedBytes} bytes left out …\n`)] : []
    return Buffer.concat([...this.#head, ...gap, ...this.#tail])
      .toString('utf8')
      .replace(NUL, '\uFFFD')
  }

  /** Hands over what was captured and starts anew. */
  take(): { text: string; isTruncated: boolean } {
    if (this.#headBytes === 0) return NOTHING
    const text = this.peek()
    const isTruncated = this.#droppedBytes > 0
    this.#head = []
    this.#tail = []
    this.#headBytes = this.#tailBytes = this.#droppedBytes = 0
    return { text, isTruncated }
  }

  #pushTail(chunk: Buffer): void {
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    while (this.#tailBytes > this.#half) {
      const first = this.#tail[0] as Buffer
      const excess = Math.min(this.#tailBytes - this.#half, first.length)
      if (excess === first.length) this.#tail.shift()
      else this.#tail[0] = first.subarray(excess)
      this.#tailBytes -= excess
      this.#droppedBytes += excess
    }
  }
}
