import { MAX_QUEUED_CALLS, SECOND_MS } from '../limits'
import type { RunError } from '../port'
import { abortedError, overloadedError } from './run-errors'

/** Why a call got no worker, with what a worker that could not start had printed. */
export type NoWorker = { error: RunError; stdout: string; stderr: string; isTruncated: boolean }

export const NO_OUTPUT = { stdout: '', stderr: '', isTruncated: false }

type Waiting<T> = { turn: number; since: number; settle: (outcome: T | NoWorker) => void }

let turns = 0

/** Calls of one version that wait for a worker, in the order they came. */
export class CallQueue<T> {
  readonly #waiting: Waiting<T>[] = []
  #backlogSince = 0

  get length(): number {
    return this.#waiting.length
  }

  /** Grows from call to call over all queues: the lowest waits longest. */
  get firstTurn(): number {
    return this.#waiting[0]?.turn ?? Number.POSITIVE_INFINITY
  }

  /** How long the first one waits. */
  get waitedMs(): number {
    const [first] = this.#waiting
    return first ? performance.now() - first.since : 0
  }

  /** How long somebody has been waiting without a break, if not the same one. */
  get backlogMs(): number {
    return this.#waiting.length > 0 ? performance.now() - this.#backlogSince : 0
  }

  /**
   * Waits for a worker, at most `maxQueuedMs` unless one is loading meanwhile (which has a time limit of its own).
   * @param name the algorithm's, for messages
   */
  wait(
    name: string,
    maxQueuedMs: number,
    isStarting: () => boolean,
    signal: AbortSignal | undefined,
  ): Promise<T | NoWorker> {
    if (this.#waiting.length >= MAX_QUEUED_CALLS) {
      const error = overloadedError(`${MAX_QUEUED_CALLS} calls of ${name} are waiting already.`)
      return Promise.resolve({ error, ...NO_OUTPUT })
    }
    return new Promise((resolve) => {
      const settle = (outcome: T | NoWorker) => {
        clearInterval(timer)
        signal?.removeEventListener('abort', onAbort)
        const index = this.#waiting.indexOf(waiting)
        if (index >= 0) this.#waiting.splice(index, 1)
        resolve(outcome)
      }
      const waiting: Waiting<T> = { turn: turns++, since: performance.now(), settle }
      const onAbort = () => settle({ error: abortedError(), ...NO_OUTPUT })
      const timer = setInterval(() => {
        if (isStarting()) return
        const text = `No worker of ${name} became free within ${maxQueuedMs / SECOND_MS} seconds.`
        settle({ error: overloadedError(text), ...NO_OUTPUT })
      }, maxQueuedMs)
      signal?.addEventListener('abort', onAbort)
      if (this.#waiting.length === 0) this.#backlogSince = waiting.since
      this.#waiting.push(waiting)
    })
  }

  /** Gives the longest waiting call what it waits for. */
  giveFirst(found: T): void {
    this.#waiting[0]?.settle(found)
  }

  failAll(reason: NoWorker): void {
    for (const waiting of [...this.#waiting]) waiting.settle(reason)
  }
}
