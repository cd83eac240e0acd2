const READY_MARK = 'PIPE_INIT_COMPLETE'
/** Behind the mark, from a harness that takes calls before it has answered the one before. */
const AHEAD_WORD = ' ahead'

/** Finds the line by which a worker says that it is ready, in whatever it prints while it loads. */
export class ReadyLine {
  #unfinished = ''

  /**
   * Takes what was printed; returns what of it is the algorithm's own, whether the worker is ready now, and whether it
   * takes calls ahead.
   */
  push(chunk: Buffer): { printed: Buffer | undefined; isReady: boolean; takesAhead: boolean } {
    // latin1 keeps every byte: a chunk may end within a character.
    this.#unfinished += chunk.toString('latin1')
    const lines = this.#unfinished.split('\n')
    this.#unfinished = lines.pop() ?? ''
    const at = lines.findIndex((line) => line.includes(READY_MARK))
    const [ready = ''] = at >= 0 ? lines.splice(at, 1) : []
    let text = lines.map((line) => `${line}\n`).join('')
    if (at >= 0) {
      text += this.#unfinished
      this.#unfinished = ''
    }
    const takesAhead = ready.endsWith(READY_MARK + AHEAD_WORD)
    return { printed: text ? Buffer.from(text, 'latin1') : undefined, isReady: at >= 0, takesAhead }
  }
}
