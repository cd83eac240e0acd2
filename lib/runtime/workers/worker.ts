import { randomBytes } from 'node:crypto'
import { MAX_RESULT_BYTES, WORKER_START_TIMEOUT_MS } from '../limits'
import type { InvokeOptions, Payload, RunError, RunnableVersion } from '../port'
import type { SandboxExit } from '../sandbox/sandbox'
import { type Answer, AnswerReader } from './answer-reader'
import { OutputCapture } from './output-capture'
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

/** What a call came to, with what was printed meanwhile. */
export type RunOutcome = Verdict & { stdout: string; stderr: string; isTruncated: boolean }

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

const READY_MARK = 'PIPE_INIT_COMPLETE'
const LOAD_ANSWER_ID = 'load'
const CALL_ID_BYTES = 6

type Verdict = { ok: true; result: Payload } | { ok: false; error: RunError }

type Call = {
  id: string
  /** Set by the answer; output that was printed before it may still be on its way. */
  verdict?: Verdict
  settle: (outcome: RunOutcome) => void
  timer: NodeJS.Timeout
  stopListening: () => void
}

/** One warm process of one version for one caller. It answers one call at a time. */
export class Worker {
  readonly startedAt = Date.now()
  /** Settles when the worker is ready, with the error when it never will be. */
  readonly ready: Promise<RunError | undefined>
  /** Settles when the process and all its traces are gone. */
  readonly ended: Promise<SandboxExit>
  servedCalls = 0
  #state: WorkerState = 'starting'
  #launched: LaunchedWorker | undefined
  #call: Call | undefined
  #startError: RunError | undefined
  #settleReady: (error: RunError | undefined) => void = () => undefined
  #beforeReady = ''
  readonly #stdout = new OutputCapture()
  readonly #stderr = new OutputCapture()

  constructor(host: WorkerHost, version: RunnableVersion) {
    this.ready = new Promise((resolve) => {
      this.#settleReady = resolve
    })
    this.ended = this.#live(host, version)
  }

  get state(): WorkerState {
    return this.#state
  }

  /** Runs one call. Never rejects. */
  run(input: Payload, { timeoutMs, signal }: InvokeOptions): Promise<RunOutcome> {
    if (this.#state !== 'idle') {
      const error = abortedError('The algorithm’s process ended just before the call. Try again.')
      return Promise.resolve({ ok: false, error, ...this.takeOutput() })
    }
    this.#enter('busy')
    this.servedCalls++
    const launched = this.#launched as LaunchedWorker
    launched.process.setBusy(true)
    return new Promise((resolve) => {
      const id = randomBytes(CALL_ID_BYTES).toString('hex')
      const onAbort = () => this.#failAndEnd(abortedError())
      const timer = setTimeout(() => this.#failAndEnd(timeoutError(timeoutMs)), timeoutMs)
      signal?.addEventListener('abort', onAbort)
      this.#call = { id, settle: resolve, timer, stopListening: () => signal?.removeEventListener('abort', onAbort) }
      if (signal?.aborted) {
        onAbort()
        return
      }
      const { stdin } = launched.process
      stdin.cork()
      for (const part of requestLine(id, input)) stdin.write(part)
      stdin.uncork()
    })
  }

  /** Ends the process at once; a running call is settled as cancelled. */
  end(): Promise<SandboxExit> {
    this.#failAndEnd(abortedError('The server let go of the algorithm’s process.'))
    return this.ended
  }

  // --- life

  async #live(host: WorkerHost, version: RunnableVersion): Promise<SandboxExit> {
    let launched: LaunchedWorker
    try {
      launched = await launchWorker(host, version, (line) => this.#stderr.push(Buffer.from(`headrace: ${line}\n`)))
    } catch (error) {
      host.logger.error({ err: error, algorithm: version.algorithmName }, 'a worker could not be started')
      const failure = 'the server could not prepare it; its log says more'
      return this.#finish({ reason: 'not_started', code: null, signal: null, failure })
    }
    this.#launched = launched
    this.#listen(launched)
    const timer = setTimeout(() => this.#failStart(startTimeoutError(WORKER_START_TIMEOUT_MS)), WORKER_START_TIMEOUT_MS)
    void this.ready.then(() => clearTimeout(timer))
    if (this.#state === 'ending') launched.process.kill()
    launched.process.setBusy(true)
    const exit = await launched.process.exited
    this.#finish(exit)
    await launched.cleanUp()
    return exit
  }

  #finish(exit: SandboxExit): SandboxExit {
    if (this.#state === 'starting') this.#failStart(errorFromFailedStart(exit, this.#stderr.peek()))
    this.#settle({ ok: false, error: errorFromExit(exit) })
    if (this.#state !== 'ending') this.#enter('ending')
    this.#enter('ended')
    return exit
  }

  #listen({ process, answers }: LaunchedWorker): void {
    const reader = new AnswerReader({
      onAnswer: (answer) => this.#onAnswer(answer),
      onTooLarge: (bytes, id) => this.#onTooLarge(bytes, id),
      onInvalid: () => this.#failAndEnd(forgedAnswerError()),
    })
    answers.stream.on('data', (chunk: Buffer) => reader.push(chunk))
    process.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk))
    process.stdout.on('data', (chunk: Buffer) => {
      if (this.#state === 'starting') this.#lookForReady(chunk)
      else this.#stdout.push(chunk)
    })
  }

  /** What is printed while the algorithm loads counts for its first call; the ready line itself is ours. */
  #lookForReady(chunk: Buffer): void {
    this.#beforeReady += chunk.toString('latin1')
    const lines = this.#beforeReady.split('\n')
    this.#beforeReady = lines.pop() ?? ''
    const at = lines.findIndex((line) => line.includes(READY_MARK))
    const printed = at < 0 ? lines : [...lines.slice(0, at), ...lines.slice(at + 1)]
    if (printed.length > 0) this.#stdout.push(Buffer.from(`${printed.join('\n')}\n`, 'latin1'))
    if (at < 0) return
    if (this.#beforeReady) this.#stdout.push(Buffer.from(this.#beforeReady, 'latin1'))
    this.#beforeReady = ''
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
    if (id === undefined) this.#failAndEnd(error)
    else if (this.#isExpected(id)) this.#answer({ ok: false, error })
  }

  /** An answer that nobody asked for is not believed, and neither is its worker from then on. */
  #isExpected(id: string | undefined): boolean {
    if (this.#call && !this.#call.verdict && (id === undefined || id === this.#call.id)) return true
    this.#failAndEnd(forgedAnswerError())
    return false
  }

  #answer(verdict: Verdict): void {
    const call = this.#call as Call
    call.verdict = verdict
    clearTimeout(call.timer)
    // The harness flushed its output before it answered: two turns of the loop bring in what is in the pipes.
    setImmediate(() =>
      setImmediate(() => {
        if (this.#call !== call) return // it was ended meanwhile
        this.#enter('idle')
        this.#launched?.process.setBusy(false)
        this.#settle(verdict)
      }),
    )
  }

  // --- ends

  #failStart(error: RunError): void {
    if (this.#state !== 'starting') return
    this.#enter('ending')
    this.#settleReady(this.#startError ?? error)
    this.#launched?.process.kill()
  }

  /** Settles the running call at once and then kills: a caller never waits for a process to die. */
  #failAndEnd(error: RunError): void {
    if (this.#state === 'ending' || this.#state === 'ended') return
    if (this.#state === 'starting') {
      this.#failStart(error)
      return
    }
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
    call.stopListening()
    call.settle({ ...(call.verdict ?? verdict), ...this.takeOutput() })
  }

  /** The output so far, for whoever asks next; a failed start leaves it for the call that met it. */
  takeOutput(): { stdout: string; stderr: string; isTruncated: boolean } {
    const stdout = this.#stdout.take()
    const stderr = this.#stderr.take()
    return { stdout: stdout.text, stderr: stderr.text, isTruncated: stdout.isTruncated || stderr.isTruncated }
  }

  #enter(next: WorkerState): void {
    if (!NEXT_STATES[this.#state].includes(next)) throw new Error(`worker: ${this.#state} → ${next}`)
    this.#state = next
  }
}
