import type { Writable } from 'node:stream'
import { MAX_IDLE_OUTPUT_BYTES, MAX_RESULT_BYTES, WORKER_START_TIMEOUT_MS } from '../limits'
import type { InvokeOptions, Payload, RunError, RunnableVersion, WorkerExitReason } from '../port'
import type { SandboxExit } from '../sandbox/sandbox'
import { type Answer, AnswerReader } from './answer-reader'
import { makeCallId } from './call-id'
import { OutputCapture } from './output-capture'
import { ReadyLine } from './ready-line'
import { requestLine } from './request-line'
import {
  abortedError,
  errorFromDocument,
  errorFromExit,
  errorFromFailedStart,
  forgedAnswerError,
  startTimeoutError,
  timeoutError,
  tooLargeError,
} from './run-errors'
import { type LaunchedWorker, launchWorker, type WorkerHost } from './worker-launch'

/** What was printed during a call. */
type Output = { stdout: string; stderr: string; isTruncated: boolean }

/** What a call came to, with what was printed meanwhile. */
export type RunOutcome = Verdict & Output

/**
 * `starting`: the process loads the algorithm. `idle`: ready for a call. `busy`: one call runs. `ending`: it was told to
 * end or can not be used any more. `ended`: the process is gone and its traces are removed.
 */
export type WorkerState = 'starting' | 'idle' | 'busy' | 'ending' | 'ended'

const NEXT_STATES: Record<WorkerState, WorkerState[]> = {
  starting: ['idle', 'ending'],
  idle: ['busy', 'ending'],
  busy: ['idle', 'ending'],
  ending: ['ended'],
  ended: [],
}

const LOAD_ANSWER_ID = 'load'

/** Why a worker ended, and how its process did. */
export type WorkerExit = { reason: WorkerExitReason; process: SandboxExit }

type Verdict = { ok: true; result: Payload } | { ok: false; error: RunError }

type Call = {
  id: string
  /** Set by the answer; output that was printed before it may still be on its way. */
  verdict: Verdict | undefined
  settle: (outcome: RunOutcome) => void
  timer: NodeJS.Timeout
  signal: AbortSignal | undefined
}

/** One warm process of one version for one caller. It answers one call at a time. */
export class Worker {
  readonly startedAt = Date.now()
  /** Settles when the worker is ready, with the error when it never will be. */
  readonly ready: Promise<RunError | undefined>
  /** Settles when the process and all its traces are gone. */
  readonly ended: Promise<WorkerExit>
  servedCalls = 0
  #idleOutputBytes = 0
  #state: WorkerState = 'starting'
  #launched: LaunchedWorker | undefined
  #call: Call | undefined
  #startError: RunError | undefined
  #settleReady: (error: RunError | undefined) => void = () => undefined
  #endReason: WorkerExitReason | undefined
  readonly #readyLine = new ReadyLine()
  readonly #answers = new AnswerReader({
    onAnswer: (answer) => this.#onAnswer(answer),
    onTooLarge: (bytes, id) => this.#onTooLarge(bytes, id),
    onInvalid: () => this.#failAndEnd(forgedAnswerError(), 'forged_answer'),
  })
  readonly #stdout: OutputCapture
  readonly #stderr: OutputCapture
  readonly #memoryBytes: number

  constructor(host: WorkerHost, version: RunnableVersion) {
    this.ready = new Promise((resolve) => {
      this.#settleReady = resolve
    })
    const { outputBytes, memoryBytes } = version.limits
    this.#stdout = new OutputCapture(outputBytes)
    this.#stderr = new OutputCapture(outputBytes)
    this.#memoryBytes = memoryBytes
    this.ended = this.#live(host, version)
  }

  get state(): WorkerState {
    return this.#state
  }

  /** Runs one call. Never rejects. */
  run(input: Payload, { timeoutMs, signal, context }: InvokeOptions): Promise<RunOutcome> {
    if (this.#state !== 'idle') {
      const error = abortedError('The algorithm’s process ended just before the call. Try again.')
      return Promise.resolve(outcomeOf({ ok: false, error }, this.takeOutput()))
    }
    this.#enter('busy')
    this.#idleOutputBytes = 0
    this.servedCalls++
    const launched = this.#launched as LaunchedWorker
    launched.process.setBusy(true)
    return new Promise((resolve) => {
      const id = makeCallId()
      const timer = setTimeout(this.#onTimeout, timeoutMs, timeoutMs)
      this.#call = { id, verdict: undefined, settle: resolve, timer, signal }
      signal?.addEventListener('abort', this.#onAbort)
      if (signal?.aborted) this.#onAbort()
      else writeAtOnce(launched.process.stdin, requestLine(id, input, context))
    })
  }

  readonly #onAbort = () => this.#failAndEnd(abortedError(), 'aborted')
  readonly #onTimeout = (timeoutMs: number) => this.#failAndEnd(timeoutError(timeoutMs), 'timeout')

  /** Ends the process at once; a running call is settled as cancelled. */
  end(reason: WorkerExitReason): Promise<WorkerExit> {
    this.#failAndEnd(abortedError('The server let go of the algorithm’s process.'), reason)
    return this.ended
  }

  /** Bytes that the process and what it started use now; undefined when that is not known. */
  measureMemory(): Promise<number | undefined> {
    return this.#launched?.process.measureMemory() ?? Promise.resolve(undefined)
  }

  // --- life

  async #live(host: WorkerHost, version: RunnableVersion): Promise<WorkerExit> {
    const timer = setTimeout(
      () => this.#failStart(startTimeoutError(WORKER_START_TIMEOUT_MS), 'load_failed'),
      WORKER_START_TIMEOUT_MS,
    )
    void this.ready.then(() => clearTimeout(timer))
    let launched: LaunchedWorker
    try {
      launched = await launchWorker(host, version, {
        onAnswerBytes: (chunk) => this.#answers.push(chunk),
        onRefused: (line) => this.#stderr.push(Buffer.from(`headrace: ${line}\n`)),
      })
    } catch (error) {
      host.logger.error({ err: error, algorithm: version.algorithmName }, 'a worker could not be started')
      const failure = 'the server could not prepare it; its log says more'
      return this.#finish({ reason: 'not_started', code: null, signal: null, failure })
    }
    this.#launched = launched
    this.#listen(launched)
    if (this.#state === 'ending') launched.process.kill()
    launched.process.setBusy(true)
    const exit = this.#finish(await launched.process.exited)
    await launched.cleanUp().catch((error) => {
      host.logger.error({ err: error, algorithm: version.algorithmName }, 'a worker left something behind')
    })
    return exit
  }

  #finish(exit: SandboxExit): WorkerExit {
    if (this.#state === 'starting') {
      const reason = exit.reason === 'not_started' ? 'not_started' : 'load_failed'
      this.#failStart(errorFromFailedStart(exit, this.#stderr.peek(), this.#memoryBytes), reason)
    }
    this.#settle({ ok: false, error: errorFromExit(exit, this.#memoryBytes) })
    if (this.#state !== 'ending') this.#enter('ending')
    this.#enter('ended')
    return { reason: exit.reason === 'memory' ? 'out_of_memory' : (this.#endReason ?? 'crashed'), process: exit }
  }

  #listen({ process }: LaunchedWorker): void {
    process.stderr.on('data', (chunk: Buffer) => this.#onOutput(this.#stderr, chunk))
    process.stdout.on('data', (chunk: Buffer) => {
      if (this.#state === 'starting') this.#lookForReady(chunk)
      else this.#onOutput(this.#stdout, chunk)
    })
  }

  #onOutput(capture: OutputCapture, chunk: Buffer): void {
    capture.push(chunk)
    if (this.#state !== 'idle') return
    this.#idleOutputBytes += chunk.length
    if (this.#idleOutputBytes > MAX_IDLE_OUTPUT_BYTES) this.#failAndEnd(abortedError(), 'printed_idle')
  }

  /** What is printed while the algorithm loads counts for its first call; the ready line itself is ours. */
  #lookForReady(chunk: Buffer): void {
    const { printed, isReady } = this.#readyLine.push(chunk)
    if (printed) this.#stdout.push(printed)
    if (!isReady) return
    this.#launched?.process.setBusy(false)
    this.#enter('idle')
    this.#settleReady(undefined)
  }

  // --- answers

  #onAnswer({ id, kind, body }: Answer): void {
    if (this.#state === 'starting' && id === LOAD_ANSWER_ID && kind === 'error') {
      this.#startError = errorFromDocument(body)
      return // the process ends by itself and says the rest on stderr
    }
    if (!this.#isExpected(id)) return
    if (kind === 'error') this.#answer({ ok: false, error: errorFromDocument(body) })
    else this.#answer({ ok: true, result: { type: kind, bytes: body } })
  }

  #onTooLarge(bytes: number, id: string | undefined): void {
    const error = tooLargeError('result_too_large', bytes, MAX_RESULT_BYTES)
    if (id === undefined) this.#failAndEnd(error, 'result_too_large')
    else if (this.#isExpected(id)) this.#answer({ ok: false, error })
  }

  /** An answer that nobody asked for is not believed, and neither is its worker from then on. */
  #isExpected(id: string | undefined): boolean {
    if (this.#call && !this.#call.verdict && (id === undefined || id === this.#call.id)) return true
    this.#failAndEnd(forgedAnswerError(), 'forged_answer')
    return false
  }

  #answer(verdict: Verdict): void {
    const call = this.#call as Call
    call.verdict = verdict
    clearTimeout(call.timer)
    // The harness flushed its output before it answered: what is in the pipes comes in with the answer, in this turn.
    setImmediate(this.#finishCall, call)
  }

  readonly #finishCall = (call: Call) => {
    if (this.#call !== call) return // it was ended meanwhile
    this.#enter('idle')
    this.#launched?.process.setBusy(false)
    this.#settle(call.verdict as Verdict)
  }

  // --- ends

  #failStart(error: RunError, reason: WorkerExitReason): void {
    if (this.#state !== 'starting') return
    this.#endReason ??= reason
    this.#enter('ending')
    this.#settleReady(this.#startError ?? error)
    this.#launched?.process.kill()
  }

  /** Settles the running call at once and then kills: a caller never waits for a process to die. */
  #failAndEnd(error: RunError, reason: WorkerExitReason): void {
    if (this.#state === 'ending' || this.#state === 'ended') return
    if (this.#state === 'starting') {
      this.#failStart(error, reason)
      return
    }
    this.#endReason ??= reason
    this.#enter('ending')
    this.#settle({ ok: false, error })
    this.#launched?.process.kill()
  }

  /** Settles the running call, if there is one; an answer that came already wins over what happened since. */
  #settle(verdict: Verdict): void {
    const call = this.#call
    if (!call) return
    this.#call = undefined
    clearTimeout(call.timer)
    call.signal?.removeEventListener('abort', this.#onAbort)
    call.settle(outcomeOf(call.verdict ?? verdict, this.takeOutput()))
  }

  /** The output so far, for whoever asks next; a failed start leaves it for the call that met it. */
  takeOutput(): Output {
    const stdout = this.#stdout.take()
    const stderr = this.#stderr.take()
    return { stdout: stdout.text, stderr: stderr.text, isTruncated: stdout.isTruncated || stderr.isTruncated }
  }

  #enter(next: WorkerState): void {
    if (!NEXT_STATES[this.#state].includes(next)) throw new Error(`worker: ${this.#state} → ${next}`)
    this.#state = next
  }
}

/** Written out: copying objects by their keys takes longer than the rest of a small call's end. */
function outcomeOf(verdict: Verdict, { stdout, stderr, isTruncated }: Output): RunOutcome {
  if (verdict.ok) return { ok: true, result: verdict.result, stdout, stderr, isTruncated }
  return { ok: false, error: verdict.error, stdout, stderr, isTruncated }
}

function writeAtOnce(stream: Writable, parts: Buffer[]): void {
  if (parts.length === 1) {
    stream.write(parts[0])
    return
  }
  stream.cork()
  for (const part of parts) stream.write(part)
  stream.uncork()
}
