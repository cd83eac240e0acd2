import type pg from 'pg'

type Query = (this: pg.Client, ...args: unknown[]) => unknown

export type RecordListener = {
  /** Rows of executions are with Postgres, and the engine has not heard of their commit. */
  onWritten(): void
  /** They are committed; the engine hears of it next. */
  onCommitted(): void
}

const ROWS = 'INSERT INTO "Execution" '

/**
 * Looks at what goes to Postgres through its own client, below Prisma and whatever else writes executions: in a
 * transaction, or as one statement that commits itself.
 */
export function watchRecords(client: Pick<pg.Client, 'query'>, { onWritten, onCommitted }: RecordListener): void {
  const real = client.query as Query
  /** Clients with an open transaction, and whether it has rows of executions. */
  const open = new WeakMap<pg.Client, boolean>()

  const watched: Query = function (...args) {
    const text = textOf(args[0])
    const isInTransaction = open.has(this)
    const hasRows = text.includes(ROWS)
    if (text === 'BEGIN') open.set(this, false)
    if (isInTransaction && hasRows) open.set(this, true)
    const isCommit = text === 'COMMIT' && open.get(this) === true
    if (text === 'COMMIT' || text === 'ROLLBACK') open.delete(this)
    if (isCommit) onWritten()
    else if (isInTransaction || !hasRows) return real.apply(this, args)
    const answered = withAnswer(args, onCommitted)
    const result = real.apply(this, answered)
    if (!isCommit) onWritten()
    return result instanceof Promise ? result.then(noting(onCommitted)) : result
  }
  client.query = watched as typeof client.query
}

const noting =
  (note: () => void) =>
  <T>(result: T): T => {
    note()
    return result
  }

/** A pool asks with a callback, Prisma's transaction for a promise. */
function withAnswer(args: unknown[], note: () => void): unknown[] {
  return args.map((arg) => {
    if (typeof arg !== 'function') return arg
    return (error: unknown, result: unknown) => {
      if (!error) note()
      arg(error, result)
    }
  })
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query
  return typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : ''
}
