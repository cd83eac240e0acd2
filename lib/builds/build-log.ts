import { db } from '@/lib/db'
import { publishLive } from '@/lib/live/bus'
import { componentLogger } from '@/lib/logger'
import { MAX_LOG_CHARS } from './schema'

/** How long lines are gathered before they are written and watchers are told. */
const FLUSH_INTERVAL_MS = 300

const log = componentLogger('builds')

/** The log of one running build: lines in, appended to its row in batches. */
export class BuildLog {
  readonly #buildId: string
  #pending = ''
  #writtenChars = 0
  #isFull = false
  #timer: NodeJS.Timeout | undefined
  /** Appends run one after the other, so that lines keep their order. */
  #lastFlush: Promise<void> = Promise.resolve()

  constructor(buildId: string) {
    this.#buildId = buildId
  }

  write(line: string): void {
    if (this.#isFull) return
    // Postgres text can not hold NUL.
    const text = `${line.replaceAll('\0', '')}\n`
    this.#writtenChars += text.length
    this.#isFull = this.#writtenChars > MAX_LOG_CHARS
    this.#pending += this.#isFull
      ? `… the log is longer than ${MAX_LOG_CHARS / 1024} KiB; the rest is dropped.\n`
      : text
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_INTERVAL_MS)
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#flush()
    await this.#lastFlush
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const chunk = this.#pending
    this.#pending = ''
    if (!chunk) return
    this.#lastFlush = this.#lastFlush.then(() => appendToLog(this.#buildId, chunk))
  }
}

/** A database that does not answer costs lines of the log, not the build. */
async function appendToLog(buildId: string, chunk: string): Promise<void> {
  try {
    await db().$executeRaw`UPDATE "Build" SET log = log || ${chunk} WHERE id = ${buildId}::uuid`
    publishLive(`build:${buildId}`)
  } catch (error) {
    log.warn({ err: error, buildId }, 'lines of a build log were lost')
  }
}
