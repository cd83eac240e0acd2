import { setTimeout as sleep } from 'node:timers/promises'
import { type EngineProcess, type StartOptions, startEngineProcess } from '@/lib/engine/testing/start-engine-process'
import { sandboxesOf } from '../frame/sandboxes'
import { readFacts } from './queue-places'
import type { Rig } from './rig'

const POLL_MS = 100
/** How well the number of won results is known to who sends. */
const WATCH_MS = 250
/** Without any progress for so long, whatever waits for it gives up. */
const STALL_MS = 120_000
const START_LIMIT_MS = 180_000
const EXIT_LIMIT_MS = 120_000
/** For what an engine that was killed has left: its workers find out by themselves. */
const LEFT_LIMIT_MS = 10_000
/** Sooner than the product's, so that an hour's faults fit into minutes. */
const ENGINE = { reconcileMs: 500, leaseMs: 5_000, drainMs: 10_000, watchdog: { firstMs: 3_000, longestMs: 15_000 } }

/** Engines at work on a rig, and how far they are. */
export class Field {
  readonly rig: Rig
  readonly messages: number
  /** Sentences about what must not be. */
  readonly complaints: string[] = []
  readonly #engines = new Set<EngineProcess>()
  /** Those that were told to end, or to die. */
  readonly #doomed = new Set<EngineProcess>()
  readonly #watch: NodeJS.Timeout
  readonly #pids = new Set<number>()
  #won = 0

  constructor(rig: Rig, messages: number) {
    this.rig = rig
    this.messages = messages
    this.#watch = setInterval(() => void this.wonCount(), WATCH_MS)
  }

  get enginesStarted(): number {
    return this.#pids.size
  }

  get engines(): EngineProcess[] {
    return [...this.#engines]
  }

  /** Starts an engine with sandboxed workers; resolves when it has looked at the flows. */
  async startEngine(options: Pick<StartOptions, 'die' | 'within'> = {}): Promise<EngineProcess> {
    const engine = startEngineProcess({ isReal: true, engine: ENGINE, env: this.rig.environment, ...options })
    this.#pids.add(engine.child.pid as number)
    this.#engines.add(engine)
    if (options.die) this.#doomed.add(engine)
    void engine.exit.then(({ code, signal }) => {
      this.#engines.delete(engine)
      // Who is to die does so by SIGKILL, and nothing else.
      if (!this.#doomed.has(engine) || (options.die && signal !== 'SIGKILL')) {
        this.complaints.push(`An engine ended by itself (${signal ?? `exit code ${code}`}).`)
      }
    })
    await Promise.race([within(engine.started, START_LIMIT_MS, 'an engine starts'), engine.exit])
    return engine
  }

  async kill(engine: EngineProcess): Promise<void> {
    this.#doomed.add(engine)
    engine.child.kill('SIGKILL')
    await within(engine.exit, EXIT_LIMIT_MS, 'an engine is gone')
  }

  /** SIGTERM; `signals` 2 hurries it. An engine that does not end in order is complained about. */
  async stop(engine: EngineProcess, signals: 1 | 2 = 1): Promise<void> {
    this.#doomed.add(engine)
    for (let sent = 0; sent < signals; sent++) engine.child.kill('SIGTERM')
    const { code, signal } = await within(engine.exit, EXIT_LIMIT_MS, 'an engine has stopped')
    if (code !== 0) this.complaints.push(`An engine did not stop in order (${signal ?? `exit code ${code}`}).`)
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.engines.map((engine) => this.stop(engine)))
  }

  /** When no engine runs: complains about workers that outlived theirs. */
  async complainAboutOrphans(): Promise<void> {
    for (const end = Date.now() + LEFT_LIMIT_MS; Date.now() < end; await sleep(POLL_MS)) {
      if (sandboxesOf(this.#pids).length === 0) return
    }
    const left = sandboxesOf(this.#pids)
    if (left.length > 0) this.complaints.push(`Processes of workers outlived their engines: ${left.join(', ')}.`)
  }

  /** Ends what still runs, whatever happened. */
  async close(): Promise<void> {
    clearInterval(this.#watch)
    await Promise.all(this.engines.map((engine) => this.kill(engine)))
  }

  /** Won results so far; the last known number while the database is away. */
  async wonCount(): Promise<number> {
    const where = { status: 'succeeded', flowId: { in: this.rig.flows.map(({ id }) => id) } } as const
    this.#won = await this.rig.db.execution.count({ where }).catch(() => this.#won)
    return this.#won
  }

  /** The last known number of won results. */
  get won(): number {
    return this.#won
  }

  /** Waits until so large a share of the messages has been won. Throws when nothing goes on any more. */
  async untilShare(share: number): Promise<void> {
    await this.#untilStalled(async () => (await this.wonCount()) >= share * this.messages)
  }

  /** Waits until the queues are empty and all is won or dead. False when nothing goes on any more. */
  async untilDone(): Promise<boolean> {
    try {
      await this.#untilStalled(async () => {
        const { active, dead } = await readFacts(this.rig.flows)
        return active === 0 && (await this.wonCount()) + dead >= this.messages
      })
      return true
    } catch {
      return false
    }
  }

  async #untilStalled(isReached: () => Promise<boolean>): Promise<void> {
    let last = -1
    for (let since = Date.now(); !(await isReached()); await sleep(POLL_MS)) {
      if (this.#won !== last) since = Date.now()
      last = this.#won
      if (Date.now() - since > STALL_MS) {
        throw new Error(`Nothing was won for ${STALL_MS / 1000} s; ${this.#won} of ${this.messages} were before.`)
      }
    }
  }
}

async function within<T>(work: Promise<T>, limitMs: number, what: string): Promise<T> {
  const limit = new AbortController()
  const late = sleep(limitMs, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`waited ${limitMs} ms in vain until ${what}`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    limit.abort()
  }
}
