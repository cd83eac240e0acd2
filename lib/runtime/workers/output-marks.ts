import { randomBytes } from 'node:crypto'
import { OutputCapture } from './output-capture'

const MARK_WORD_BYTES = 12
const NUL = 0x00
const NOTHING: Buffer = Buffer.alloc(0)

/** What one stream said during one call. */
type Section = ReturnType<OutputCapture['take']>

/** The word that a worker writes between two calls, in the frame in which it stands in its output. */
export type OutputMark = { word: string; framed: Buffer }

/** A new one for each worker. Our harness alone knows it, and keeps it from the algorithm's environment. */
export function makeOutputMark(): OutputMark {
  const word = randomBytes(MARK_WORD_BYTES).toString('hex')
  return { word, framed: Buffer.from(`\0${word}\n`, 'latin1') }
}

/** One stream of a worker, cut where its harness wrote that the next call begins. */
export class MarkedOutput {
  readonly #capture: OutputCapture
  readonly #mark: Buffer
  readonly #onMark: () => void
  /** Of calls before the one that the stream is at, the oldest first. */
  readonly #sections: Section[] = []
  #isMarked = false
  /** The end of the last chunk, where it could be the beginning of a mark. */
  #held: Buffer = NOTHING
  /** Marks that nobody waits for any more. */
  #late = 0

  /** @param onMark called for each mark, once its section is there */
  constructor(maxBytes: number, { framed }: OutputMark, onMark: () => void) {
    this.#capture = new OutputCapture(maxBytes)
    this.#mark = framed
    this.#onMark = onMark
  }

  /** Calls whose output is complete although they are not the last one. */
  get sections(): number {
    return this.#sections.length
  }

  /** From now on there may be marks; before, nobody looks for them. */
  expectMarks(): void {
    this.#isMarked = true
  }

  push(chunk: Buffer): void {
    if (!this.#isMarked) {
      this.#capture.push(chunk)
      return
    }
    let rest = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk
    this.#held = NOTHING
    for (let at = rest.indexOf(this.#mark); at >= 0; at = rest.indexOf(this.#mark)) {
      this.#pushText(rest.subarray(0, at))
      rest = rest.subarray(at + this.#mark.length)
      this.#cut()
    }
    const split = this.#beginningOfMark(rest)
    this.#pushText(rest.subarray(0, split))
    if (split < rest.length) this.#held = rest.subarray(split)
  }

  /** What was said so far by the call that the stream is at. */
  peek(): string {
    this.#release()
    return this.#capture.peek()
  }

  /** Hands over what the oldest call said: up to its mark, or all so far when there is none. */
  take(): Section {
    const section = this.#sections.shift()
    if (section) return section
    this.#release()
    return this.#capture.take()
  }

  /** Waits no more for the mark behind the oldest call: what has come counts for it. */
  giveUpMark(): void {
    if (this.#sections.length > 0) return
    this.#late++
    this.#release()
    this.#sections.push(this.#capture.take())
  }

  #cut(): void {
    if (this.#late > 0) {
      this.#late--
      return
    }
    this.#sections.push(this.#capture.take())
    this.#onMark()
  }

  #pushText(text: Buffer): void {
    if (text.length > 0) this.#capture.push(text)
  }

  #release(): void {
    this.#pushText(this.#held)
    this.#held = NOTHING
  }

  /** Where the end of `chunk` could be the first bytes of a mark; its length when it is not. */
  #beginningOfMark(chunk: Buffer): number {
    const at = chunk.lastIndexOf(NUL)
    if (at < 0 || chunk.length - at >= this.#mark.length) return chunk.length
    return this.#mark.subarray(0, chunk.length - at).equals(chunk.subarray(at)) ? at : chunk.length
  }
}
