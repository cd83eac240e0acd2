import { setTimeout as sleep } from 'node:timers/promises'

const RETRY_MS = 1_000

/** Codes of Prisma that speak of the connection, although their class (P2) is about what was asked. */
const CONNECTION_CODES = new Set(['P2024', 'P2028', 'P2034', 'P2036', 'P2037'])

/** Prisma's codes for what it has no own code for (of raw and of other statements): the text names Postgres' code. */
const UNMAPPED_CODES = new Set(['P2010', 'P2039'])

/** Classes of Postgres' codes that blame the statement: data, integrity, transaction state, syntax, its limits. */
const DATA_CLASSES = /^(?:21|22|23|25|42|54)/

/** Knows whether the database answers, from the work that the engine does with it. */
export class DatabaseWatch {
  #isAway = false
  readonly #onChange: (isAway: boolean, error?: unknown) => void

  /** `onChange` is told once a change, not once a failure. */
  constructor(onChange: (isAway: boolean, error?: unknown) => void) {
    this.#onChange = onChange
  }

  get isAway(): boolean {
    return this.#isAway
  }

  /**
   * Tries until the database takes the work, for as long as it `isWanted`. Rejects with the work's own error when the
   * database did answer: what was written is wrong, and trying again would not help.
   */
  async insist<T>(work: () => Promise<T>, isWanted: () => boolean): Promise<T> {
    for (;;) {
      try {
        return await this.attempt(work)
      } catch (error) {
        if (isAboutData(error) || !isWanted()) throw error
        await sleep(RETRY_MS)
        if (!isWanted()) throw error
      }
    }
  }

  /** Tries once, and notes whether the database answered. */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.#note(false)
      return result
    } catch (error) {
      this.#note(!isAboutData(error), error)
      throw error
    }
  }

  #note(isAway: boolean, error?: unknown): void {
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    this.#onChange(isAway, error)
  }
}

/** Whether the database refused what it was given. All else (no connection, no room, shutting down) may pass. */
export function isAboutData(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.name === 'PrismaClientValidationError') return true
  // What is to be written can not be: it is longer than a string may be.
  if (error instanceof RangeError) return true
  const sqlState = sqlStateOf(error)
  if (sqlState) return DATA_CLASSES.test(sqlState)
  const code = codeOf(error)
  return /^P2\d{3}$/.test(code) && !CONNECTION_CODES.has(code)
}

/** Whether a row was refused because what it belongs to was deleted. */
export function isForeignKeyError(error: unknown): boolean {
  return error instanceof Error && (codeOf(error) === 'P2003' || sqlStateOf(error) === '23503')
}

/** Postgres' own code: of an error of `pg`, or out of the text of one of Prisma's. */
function sqlStateOf(error: Error): string | undefined {
  const code = codeOf(error)
  if (UNMAPPED_CODES.has(code)) return /Code: `([0-9A-Z]{5})`/.exec(error.message)?.[1]
  return /^\d[0-9A-Z]{4}$/.test(code) ? code : undefined
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '')
