import { MAX_IDLE_OUTPUT_BYTES, MAX_RESULT_BYTES, WORKER_START_TIMEOUT_MS } from '../limits'
import type { InvokeOptions, Payload, RunError, RunnableVersion, WorkerExitReason } from '../port'
import type { SandboxExit } from '../sandbox/sandbox'
import { type Answer, AnswerReader } from './answer-reader'
import { type Output, outcomeOf, type RunOutcome, type Settle } from './call'
import { CallLine } from './call-line'
import { refuseForForeign } from './foreign-harness'
import { MarkedOutput, makeOutputMark } from './output-marks'
import { ReadyLine } from './ready-line'
import { requestLine } from './request-line'
import { RequestWriter } from './request-writer'
import {
  abortedError,
  errorFromDocument,
  errorFromExit,
  errorFromFailedStart,
  forgedAnswerError,
  startTimeoutError,
  tooLargeError,
  unusableInputError,
  wasKilled,
} from './run-errors'
import { type LaunchedWorker, launchWorker, type WorkerHost } from './worker-launch'

/**
 * `starting`: the process loads the algorithm. `idle`: ready for a call. `busy`: a call runs. `ending`: it was told to
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

/** One warm process of one version for one caller. It runs one call at a time, and may be given some ahead. */
export class Worker {
  readonly startedAt = Date.now()
  /** Settles when the worker is ready, with the error when it never will be. */
  readonly ready: Promise<RunError | undefined>
  /** Settles when the process and all its traces are gone. */
  readonly ended: Promise<WorkerExit>
  servedCalls = 0
  /** It is served by a language pack that is not ours. */
  #isForeign = false
  #idleOutputBytes = 0
  #state: WorkerState = 'starting'
  #launched: LaunchedWorker | undefined
  #requests: RequestWriter | undefined
  #startError: RunError | undefined
  #wasKilledLoading = false
  #settleReady: (error: RunError | undefined) => void = () => undefined
  #endReason: WorkerExitReason | undefined
  readonly #readyLine = new ReadyLine()
  readonly #answers = new AnswerReader({
    onAnswer: (answer) => this.#onAnswer(answer),
    onTooLarge: (bytes, id) => this.#onTooLarge(bytes, id),
    onInvalid: () => this.#failAndEnd(forgedAnswerError(), 'forged_answer'),
  })
  readonly #mark = makeOutputMark()
  readonly #stdout: MarkedOutput
  readonly #stderr: MarkedOutput
  readonly #line: CallLine
  readonly #memoryBytes: number

  constructor(host: WorkerHost, version: RunnableVersion) {
    this.ready = new Promise((resolve) => {
      this.#settleReady = resolve
    })
    const { outputBytes, memoryBytes } = version.limits
    const onMark = () => this.#line.finishAnswered()
    this.#stdout = new MarkedOutput(outputBytes, this.#mark, onMark)
    this.#stderr = new MarkedOutput(outputBytes, this.#mark, onMark)
    this.#line = new CallLine(
      { stdout: this.#stdout, stderr: this.#stderr },
      {
        onFailed: (error, reason) => this.#failAndEnd(error, reason),
        onForged: () => this.#failAndEnd(forgedAnswerError(), 'forged_answer'),
        onFree: () => this.#becomeFree(),
      },
    )
    this.#memoryBytes = memoryBytes
    this.ended = this.#live(host, version)
  }

  get state(): WorkerState {
    return this.#state
  }

  /** Calls behind the running one. */
  get ahead(): number {
    return this.#line.ahead
  }

  /** Whether a call could be sent now behind the running one, or the one that is about to run. */
  get takesAhead(): boolean {
    return this.#state === 'busy' ? this.#line.takesAhead : this.#state === 'idle' && this.#line.isOpen
  }

  /** Runs one call. Never rejects. */
  run(input: Payload, options: InvokeOptions): Promise<RunOutcome> {
    if (this.#state !== 'idle') {
      const error = abortedError('The algorithm’s process ended just before the call. Try again.')
      return Promise.resolve(outcomeOf({ ok: false, error }, this.takeOutput(), performance.now(), 0, true))
    }
    const refusal = this.#isForeign ? refuseForForeign(input) : undefined
    if (refusal) {
      const verdict = { ok: false, error: refusal } as const
      return Promise.resolve(outcomeOf(verdict, this.takeOutput(), performance.now(), 0, true))
    }
    this.#enter('busy')
    this.#idleOutputBytes = 0
    this.#launched?.process.setBusy(true)
    return new Promise((resolve) => {
      // Only what was sent ahead is taken back.
      const id = this.#line.begin(options, resolve as Settle)
      if (!options.signal?.aborted) this.#write(requestLine(id, input, options.context))
    })
  }

  /** Sends a call ahead: it runs when those before it are answered. Undefined when it is taken back, or can not be sent. */
  runAhead(input: Payload, options: InvokeOptions): Promise<RunOutcome | undefined> {
    return new Promise((resolve) => {
      const isWanted = this.takesAhead && !options.signal?.aborted
      const id = isWanted ? this.#line.append(options, resolve) : undefined
      if (id === undefined) resolve(undefined)
      else this.#write(requestLine(id, input, options.context, true))
    })
  }

  /** Takes back what was sent ahead and has not begun. */
  takeBack(): void {
    this.#line.takeBack()
  }

  #write(parts: Buffer[]): void {
    this.servedCalls++
    this.#requests?.write(parts)
  }

  /** Ends the process at once; a running call is settled as cancelled, those behind it are taken back. */
  end(reason: WorkerExitReason): Promise<WorkerExit> {
    this.#failAndEnd(abortedError('The server let go of the algorithm’s process.'), reason)
    return this.ended
  }

  /** Whether the algorithm has said why it can not be loaded; without that its process has died, or was never ready. */
  get saysWhyNotLoaded(): boolean {
    return this.#startError !== undefined
  }

  /** Whether its process was ended by SIGKILL while it loaded, and not by us: the machine may have had no memory left. */
  get wasKilledLoading(): boolean {
    return this.#wasKilledLoading
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
      launched = await launchWorker(host, version, this.#mark.word, {
        onAnswerBytes: (chunk) => this.#answers.push(chunk),
        onRefused: (line) => this.#stderr.push(Buffer.from(`headrace: ${line}\n`)),
      })
    } catch (error) {
      host.logger.error({ err: error, algorithm: version.algorithmName }, 'a worker could not be started')
      const failure = 'the server could not prepare it; its log says more'
      return this.#finish({ reason: 'not_started', code: null, signal: null, failure })
    }
    this.#launched = launched
    this.#requests = new RequestWriter(launched.process.stdin)
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
      this.#wasKilledLoading = !this.saysWhyNotLoaded && wasKilled(exit)
      this.#failStart(errorFromFailedStart(exit, this.#stderr.peek(), this.#memoryBytes), reason)
    }
    this.#line.takeBack()
    this.#line.settleAll({ ok: false, error: errorFromExit(exit, this.#memoryBytes) })
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

  #onOutput(output: MarkedOutput, chunk: Buffer): void {
    output.push(chunk)
    if (this.#state !== 'idle') return
    this.#idleOutputBytes += chunk.length
    if (this.#idleOutputBytes > MAX_IDLE_OUTPUT_BYTES) this.#failAndEnd(abortedError(), 'printed_idle')
  }

  /** What is printed while the algorithm loads counts for its first call; the ready line itself is ours. */
  #lookForReady(chunk: Buffer): void {
    const { printed, isReady, takesAhead } = this.#readyLine.push(chunk)
    if (printed) this.#stdout.push(printed)
    if (!isReady) return
    if (takesAhead && this.#launched) this.#line.allowAhead(this.#launched.tickets)
    else this.#isForeign = true
    this.#becomeFree()
    this.#settleReady(undefined)
  }

  // --- answers

  #onAnswer({ id, kind, body, isQuiet }: Answer): void {
    if (this.#state === 'starting' && id === LOAD_ANSWER_ID && kind === 'error') {
      this.#startError = errorFromDocument(body)
      return // the process ends by itself and says the rest on stderr
    }
    if (!this.#isExpected(id)) return
    if (kind === 'error') this.#line.answer({ ok: false, error: errorFromDocument(body) }, isQuiet)
    else if (kind === 'unparsed')
      this.#line.answer({ ok: false, error: unusableInputError(body.toString('utf8')) }, isQuiet)
    else this.#line.answer({ ok: true, result: { type: kind, bytes: body } }, isQuiet)
  }

  #onTooLarge(bytes: number, id: string | undefined): void {
    const error = tooLargeError('result_too_large', bytes, MAX_RESULT_BYTES)
    if (id === undefined) this.#failAndEnd(error, 'result_too_large')
    else if (this.#isExpected(id)) this.#line.answer({ ok: false, error }, false)
  }

  /** An answer that nobody asked for is not believed, and neither is its worker from then on. */
  #isExpected(id: string | undefined): boolean {
    const { runningId } = this.#line
    if (runningId !== undefined && (id === undefined || id === runningId)) return true
    this.#failAndEnd(forgedAnswerError(), 'forged_answer')
    return false
  }

  #becomeFree(): void {
    this.#enter('idle')
    this.#launched?.process.setBusy(false)
  }

  // --- ends

  #failStart(error: RunError, reason: WorkerExitReason): void {
    if (this.#state !== 'starting') return
    this.#endReason ??= reason
    this.#enter('ending')
    this.#settleReady(this.#startError ?? error)
    this.#launched?.process.kill()
  }

  /** Settles all calls that have begun at once and then kills: a caller never waits for a process to die. */
  #failAndEnd(error: RunError, reason: WorkerExitReason): void {
    if (this.#state === 'ending' || this.#state === 'ended') return
    if (this.#state === 'starting') {
      this.#failStart(error, reason)
      return
    }
    this.#endReason ??= reason
    this.#enter('ending')
    this.#line.takeBack()
    this.#line.settleAll({ ok: false, error })
    this.#launched?.process.kill()
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
