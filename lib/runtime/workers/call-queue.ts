import type { Abortable } from '@/lib/abortable'
import { MAX_QUEUED_CALLS, SECOND_MS } from '../limits'
import type { RunError } from '../port'
import { abortedError, overloadedError } from './run-errors'

/** Why a call got no worker, with what a worker that could not start had printed. */
export type NoWorker = { error: RunError; stdout: string; stderr: string; isTruncated: boolean }

export const NO_OUTPUT = { stdout: '', stderr: '', isTruncated: false }

/** A call's place among all that wait; it keeps it when it waits again. */
export type Turn = { number: number; since: number; hasWaited: boolean }

/** What a queue needs to know of a call. */
type Wait = {
  turn: Turn
  /** The algorithm's, for messages. */
  name: string
  /** Counted from the turn's beginning. A worker that loads meanwhile has a time limit of its own. */
  maxQueuedMs: number
  isStarting: () => boolean
  signal: Abortable | undefined
  /** Small enough to be sent to a busy worker. One that was taken back waits for a free one. */
  isSmall: boolean
  /** Whether calls that were sent ahead wait already. */
  isBehindOthers: boolean
}

type Waiting<T> = { turn: Turn; mayGoAhead: boolean; settle: (outcome: T | NoWorker) => void }

let turns = 0

/** @param since when the call came, by `performance.now()` */
export function takeTurn(since: number): Turn {
  return { number: turns++, since, hasWaited: false }
}

/** Calls of one version that wait for a worker, in the order they came. */
export class CallQueue<T> {
  readonly #waiting: Waiting<T>[] = []
  #backlogSince = 0

  get length(): number {
    return this.#waiting.length
  }

  /** Grows from call to call over all queues: the lowest waits longest. */
  get firstTurn(): number {
    return this.#waiting[0]?.turn.number ?? Number.POSITIVE_INFINITY
  }

  /** How long the first one waits. */
  get waitedMs(): number {
    const [first] = this.#waiting
    return first ? performance.now() - first.turn.since : 0
  }

  /** Whether the first one may be sent to a busy worker. */
  get mayGoAhead(): boolean {
    return this.#waiting[0]?.mayGoAhead ?? false
  }

  /** How long somebody has been waiting without a break, if not the same one. */
  get backlogMs(): number {
    return this.#waiting.length > 0 ? performance.now() - this.#backlogSince : 0
  }

  /** Waits for a worker. A call that waits again is not refused, and comes before those that came after it. */
  wait({ turn, name, maxQueuedMs, isStarting, signal, isSmall, isBehindOthers }: Wait): Promise<T | NoWorker> {
    if (!turn.hasWaited && this.#waiting.length >= MAX_QUEUED_CALLS) {
      const error = overloadedError(`${MAX_QUEUED_CALLS} calls of ${name} are waiting already.`)
      return Promise.resolve({ error, ...NO_OUTPUT })
    }
    const mayGoAhead = isSmall && !turn.hasWaited
    turn.hasWaited = true
    return new Promise((resolve) => {
      const settle = (outcome: T | NoWorker) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        const index = this.#waiting.indexOf(waiting)
        if (index >= 0) this.#waiting.splice(index, 1)
        resolve(outcome)
      }
      const waiting: Waiting<T> = { turn, mayGoAhead, settle }
      const onAbort = () => settle({ error: abortedError(), ...NO_OUTPUT })
      const check = () => {
        if (isStarting()) {
          timer = setTimeout(check, maxQueuedMs)
          return
        }
        const text = `No worker of ${name} became free within ${maxQueuedMs / SECOND_MS} seconds.`
        settle({ error: overloadedError(text), ...NO_OUTPUT })
      }
      let timer = setTimeout(check, maxQueuedMs - (performance.now() - turn.since))
      signal?.addEventListener('abort', onAbort)
      if (this.#waiting.length === 0 && !isBehindOthers) this.#backlogSince = turn.since
      this.#insert(waiting)
    })
  }

  /** Gives the longest waiting call what it waits for. */
  giveFirst(found: T): void {
    this.#waiting[0]?.settle(found)
  }

  failAll(reason: NoWorker): void {
    for (const waiting of [...this.#waiting]) waiting.settle(reason)
  }

  #insert(waiting: Waiting<T>): void {
    const { number } = waiting.turn
    const last = this.#waiting.at(-1)
    if (!last || last.turn.number < number) this.#waiting.push(waiting)
    else
      this.#waiting.splice(
        this.#waiting.findIndex(({ turn }) => turn.number > number),
        0,
        waiting,
      )
  }
}
