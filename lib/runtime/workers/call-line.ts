import { AHEAD_BUDGET_MS, AHEAD_PATIENCE_MS, ANSWER_GRACE_MS, MARK_LOOKS } from '../limits'
import type { InvokeOptions, RunError, WorkerExitReason } from '../port'
import { type Call, outcomeOf, type Settle, stopListening, type Verdict } from './call'
import { makeCallId } from './call-id'
import type { MarkedOutput } from './output-marks'
import { abortedError, timeoutError } from './run-errors'
import type { TicketPipe } from './ticket-pipe'

type Listener = {
  /** The running call ran too long or is not wanted any more: its process must end. */
  onFailed: (error: RunError, reason: WorkerExitReason) => void
  /** Marks or tickets are not as the harness leaves them. */
  onForged: () => void
  /** The last call is about to be settled. */
  onFree: () => void
}

/**
 * The calls that one worker was given and that are not finished, in their order: first those that are answered and wait
 * for the end of their output, then the running one, then those that were sent ahead. The worker is serial, and takes a
 * ticket before it begins a call that was sent ahead: those whose tickets are left have not begun.
 */
export class CallLine {
  readonly #stdout: MarkedOutput
  readonly #stderr: MarkedOutput
  readonly #listener: Listener
  readonly #calls: Call[] = []
  /** How many of them, from the first, have a verdict. */
  #answered = 0
  #tickets: TicketPipe | undefined
  #mayAppend = false
  /** The worker may still find lines of calls that were taken back: a new ticket would let it begin them. */
  #hasStaleLines = false
  #watch: NodeJS.Timeout | undefined

  constructor(outputs: { stdout: MarkedOutput; stderr: MarkedOutput }, listener: Listener) {
    this.#stdout = outputs.stdout
    this.#stderr = outputs.stderr
    this.#listener = listener
  }

  /** From now on calls can be sent ahead. */
  allowAhead(tickets: TicketPipe): void {
    this.#tickets = tickets
    this.#mayAppend = true
    this.#stdout.expectMarks()
    this.#stderr.expectMarks()
  }

  /** The id of the call that an answer is due for. */
  get runningId(): string | undefined {
    return this.#calls[this.#answered]?.id
  }

  /** Calls behind the running one. */
  get ahead(): number {
    return Math.max(0, this.#calls.length - this.#answered - 1)
  }

  /** Whether calls could be sent ahead as soon as one runs. */
  get isOpen(): boolean {
    return this.#mayAppend && !this.#hasStaleLines
  }

  /** Whether a call can be sent now: not behind one that takes long. */
  get takesAhead(): boolean {
    const running = this.#calls[this.#answered]
    return this.isOpen && running !== undefined && performance.now() - running.startedAt < AHEAD_BUDGET_MS
  }

  /** Begins a call while there is no other. Returns its id. */
  begin(options: InvokeOptions, settle: Settle): string {
    const call = this.#add(options, settle, false)
    this.#promote(call, performance.now())
    return call.id
  }

  /** Lines a call up behind the running one, if that can be. Returns its id. */
  append(options: InvokeOptions, settle: Settle): string | undefined {
    if (!this.takesAhead) return undefined
    this.#mayAppend = this.#tickets?.put() ?? false
    if (!this.#mayAppend) return undefined
    this.#watch ??= setTimeout(this.#look, AHEAD_PATIENCE_MS)
    return this.#add(options, settle, true).id
  }

  /**
   * The running call is answered; the next one runs.
   * @param isQuiet whether all that the call printed is here already
   */
  answer(verdict: Verdict, isQuiet: boolean): void {
    const call = this.#calls[this.#answered++] as Call
    call.verdict = verdict
    call.isQuiet = isQuiet
    clearTimeout(call.timer)
    if (call.isBehindStale) this.#hasStaleLines = false
    const next = this.#calls[this.#answered]
    if (next) {
      call.answeredAt = performance.now()
      this.#promote(next, call.answeredAt)
    }
    this.finishAnswered()
  }

  /** Settles the calls that are answered and whose output has come to its end. Called for each mark, too. */
  finishAnswered(): void {
    const { sections } = this.#stdout
    if (Math.max(sections, this.#stderr.sections) >= Math.max(1, this.#calls.length)) {
      this.#listener.onForged()
      return
    }
    while (this.#answered > 0 && this.#stdout.sections > 0 && this.#stderr.sections > 0) this.#settleFirst()
    const [last] = this.#calls
    if (!last?.verdict || this.#calls.length > 1 || last.isFinishing) return
    if (last.isQuiet) {
      this.#finishLast(last)
      return
    }
    last.isFinishing = true
    // The harness flushed its output before it answered: what is in the pipes comes in with the answer, in this turn. But
    // an answer that was read along with the one before it may be ahead of its output: that comes in the next turn.
    if (last.isAhead) setImmediate(this.#finishLastSoon, last)
    else setImmediate(this.#finishLast, last)
  }

  readonly #finishLastSoon = (call: Call) => setImmediate(this.#finishLast, call)

  readonly #finishLast = (call: Call) => {
    if (this.#calls[0] !== call) return // it was ended meanwhile
    this.#listener.onFree()
    this.#settleFirst()
  }

  /** Takes back the calls that have not begun: they never will, and are settled with nothing. */
  takeBack(): void {
    const last = this.#calls.at(-1)
    if (!last?.isAhead || last.verdict) return
    const count = this.#tickets?.takeBack() ?? 0
    if (count === 0) return
    const isRunningAhead = this.#calls[this.#answered]?.isAhead
    if (count > this.ahead + (isRunningAhead ? 1 : 0)) {
      this.#listener.onForged()
      return
    }
    this.#hasStaleLines = true
    for (const call of this.#calls.splice(-count)) {
      stopListening(call)
      call.settle(undefined)
    }
    this.finishAnswered()
  }

  /** Settles all calls, those without an answer with `verdict`: an answer that came already wins over what happened since. */
  settleAll(verdict: Verdict): void {
    clearTimeout(this.#watch)
    for (const call of this.#calls) call.verdict ??= verdict
    while (this.#calls.length > 0) this.#settleFirst()
    this.#answered = 0
  }

  #add({ timeoutMs, signal }: InvokeOptions, settle: Settle, isAhead: boolean): Call {
    const call: Call = {
      id: makeCallId(),
      timeoutMs,
      signal,
      settle,
      isAhead,
      onAbort: undefined,
      verdict: undefined,
      timer: undefined,
      startedAt: 0,
      answeredAt: 0,
      isBehindStale: this.#hasStaleLines,
      isQuiet: false,
      isFinishing: false,
      isOverdue: false,
      looksForMark: 0,
    }
    this.#calls.push(call)
    if (signal) {
      call.onAbort = () => this.#onAbort(call)
      signal.addEventListener('abort', call.onAbort)
    }
    return call
  }

  /** Makes a call the running one. */
  #promote(call: Call, now: number): void {
    call.startedAt = now
    call.timer = setTimeout(this.#onTimeout, call.timeoutMs, call)
    if (call.signal?.aborted) this.#onAbort(call)
  }

  // --- calls that go wrong

  readonly #onTimeout = (call: Call) => this.#fail(call, timeoutError(call.timeoutMs), 'timeout')

  #onAbort(call: Call): void {
    if (call.verdict) return
    if (call === this.#calls[this.#answered]) this.#fail(call, abortedError(), 'aborted')
    // One that has begun already runs as soon as the answer before it is read, and is ended then.
    else this.takeBack()
  }

  /** Ends the running call. Those behind it that have not begun are none of its business. */
  readonly #fail = (call: Call, error: RunError, reason: WorkerExitReason): void => {
    this.takeBack()
    if (this.#calls[this.#answered] !== call) return
    // Only a call that is answered lets another begin: its answer is in the pipe, and so is the end of the output of the
    // one before it.
    const isSomethingDue = this.ahead > 0 || this.#calls[0] !== call
    if (isSomethingDue && !call.isOverdue) {
      call.isOverdue = true
      clearTimeout(call.timer)
      call.timer = setTimeout(this.#fail, ANSWER_GRACE_MS, call, error, reason)
      return
    }
    this.#listener.onFailed(error, reason)
  }

  /** Looks after the line for as long as there is one: a slow call keeps nobody, and neither does a lost mark. */
  readonly #look = () => {
    this.#watch = undefined
    const now = performance.now()
    const running = this.#calls[this.#answered]
    if (running && this.ahead > 0 && now - running.startedAt >= AHEAD_PATIENCE_MS) this.takeBack()
    const [first] = this.#calls
    // Counted, not timed: the server itself may have been busy with something else.
    if (first?.verdict && ++first.looksForMark >= MARK_LOOKS) this.#giveUpMarks()
    if (this.#calls.length < 2) return
    const runningMs = running && this.ahead > 0 ? now - running.startedAt : 0
    this.#watch = setTimeout(this.#look, Math.max(1, AHEAD_PATIENCE_MS - runningMs))
  }

  #giveUpMarks(): void {
    this.takeBack()
    if (this.#calls.length < 2) return
    this.#mayAppend = false
    this.#stdout.giveUpMark()
    this.#stderr.giveUpMark()
    this.finishAnswered()
  }

  #settleFirst(): void {
    const call = this.#calls.shift() as Call
    if (this.#answered > 0) this.#answered--
    stopListening(call)
    const endedAt = call.answeredAt || performance.now()
    const startedAt = call.startedAt || endedAt
    const stdout = this.#stdout.take()
    const stderr = this.#stderr.take()
    const isTruncated = stdout.isTruncated || stderr.isTruncated
    const report = { stdout: stdout.text, stderr: stderr.text, isTruncated }
    call.settle(outcomeOf(call.verdict as Verdict, report, startedAt, endedAt - startedAt, this.#calls.length === 0))
  }
}
