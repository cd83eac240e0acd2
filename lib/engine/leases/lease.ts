import { type Abortable, Ending } from '@/lib/abortable'

/** Names the tenure of one engine over one flow; what is recorded under an older one does not count. */
export type LeaseMark = { flowId: string; engineId: string; fence: number }

/** The right to run one message of the flow. `signal` ends the run: by the caller's own signal, or by a lapse. */
export interface Turn {
  readonly signal: Abortable
  /** The lease ran out under the run, which has been ended: whoever has the flow by now may run its messages. */
  readonly hasLapsed: boolean
  end(): void
}

/**
 * One engine's right to run a flow's messages, so many at a time, shared by all consumers that the flow has here
 * (an edited flow has two for a while). It lapses while the database can not confirm it: then nothing runs, and what
 * ran is ended. Confirmed again, it goes on.
 */
export class Lease {
  readonly mark: LeaseMark
  #limit: number
  #isHeld = true
  readonly #turns = new Set<OpenTurn>()
  #waiters: (() => void)[] = []

  constructor(mark: LeaseMark, limit: number) {
    this.mark = mark
    this.#limit = limit
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Runs at a time, over all consumers of the flow. */
  setLimit(limit: number): void {
    this.#limit = limit
    this.#wake()
  }

  /** Waits until the lease is held and a run of the flow may begin. Rejects with the signal's reason. */
  async begin(signal: Abortable): Promise<Turn> {
    while (!this.#isHeld || this.#turns.size >= this.#limit) await this.#change(signal)
    if (signal.aborted) throw signal.reason
    const turn = new OpenTurn(signal, () => {
      this.#turns.delete(turn)
      this.#wake()
    })
    this.#turns.add(turn)
    return turn
  }

  /** Nobody may rely on the lease from now on. */
  lapse(): void {
    this.#isHeld = false
    for (const turn of this.#turns) turn.lapse()
  }

  confirm(): void {
    this.#isHeld = true
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }

  #change(signal: Abortable): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiters.push(() => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
    })
  }
}

class OpenTurn implements Turn {
  readonly #run = new Ending()
  readonly #outer: Abortable
  readonly #onEnd: () => void
  hasLapsed = false

  constructor(outer: Abortable, onEnd: () => void) {
    this.#outer = outer
    this.#onEnd = onEnd
    outer.addEventListener('abort', this.#forward, { once: true })
  }

  get signal(): Abortable {
    return this.#run
  }

  lapse(): void {
    this.hasLapsed = true
    this.#run.abort(new Error('the lease ran out'))
  }

  end(): void {
    this.#outer.removeEventListener('abort', this.#forward)
    this.#onEnd()
  }

  readonly #forward = (): void => this.#run.abort(this.#outer.reason)
}
