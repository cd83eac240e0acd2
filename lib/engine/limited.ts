/** Lets at most `limit` works go on at a time; the others wait in order. */
export class Limited {
  readonly #limit: number
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The place goes to whom waits for it, so that nobody else takes it in between.
      if (next) next()
      else this.#running -= 1
    }
  }
}
