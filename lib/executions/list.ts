import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { visibleFlows } from '@/lib/event-flows/access'
import { Prisma } from '@/lib/generated/prisma/client'
import type { ExecutionSource, ExecutionStatus, Settlement } from '@/lib/generated/prisma/enums'
import { EXECUTIONS_PER_PAGE, type ExecutionFilter, type ExecutionListView } from './schema'
import { startOfRange } from './words'

const PREVIEW_CHARS = 160
/** How much of an input and a result is looked through for a text. */
const SEARCHED_CHARS = 1_000
/** A text is looked for in this many rows at a time, and no longer than this: then the page says how far it came. */
const SCAN_ROWS = 1_000
const SCAN_LIMIT_MS = { page: 100, more: 400 }

/** A row of a list of executions; plain values. */
export type ExecutionRow = {
  id: string
  source: ExecutionSource
  status: ExecutionStatus
  messageId: string | null
  /** 1 for the first delivery; null for a call that no message made. */
  deliveryCount: number | null
  semanticVersion: string | null
  commitSha: string
  startedAt: Date
  durationMs: number | null
  settlement: Settlement | null
  /** The start of the result, or of the error's message. */
  preview: string
  hasError: boolean
}

export type ExecutionPage = {
  executions: ExecutionRow[]
  /** The cursor of the next page; null on the last one. */
  next: string | null
  /** Set when the search for a text ended before the last row: how far back it has come. `next` goes on from there. */
  searchedTo: Date | null
  /** With `searchedTo`: when the oldest row that is to be looked through began. */
  oldest: Date | null
}

/** How long a search may take before it says how far it has come: while a page waits for it, or none does. */
export type SearchPatience = keyof typeof SCAN_LIMIT_MS

type Position = { startedAt: Date; id: string }

/** A flow's executions that fit the view, newest first. Throws `not_found` for another account's flow. */
export async function listForFlow(
  ctx: Context,
  { flowId, after, ...view }: ExecutionListView & { flowId: string },
  patience: SearchPatience = 'page',
): Promise<ExecutionPage> {
  const flow = await db().eventFlow.findFirst({
    where: { AND: [await visibleFlows(ctx), { id: flowId }] },
    select: { id: true, algorithmId: true },
  })
  if (!flow) throw notFound('event flow')
  const filter = filterOf(view)
  const columns = await columnConditions(flow, filter)
  if (!columns) return { executions: [], next: null, searchedTo: null, oldest: null }
  const start = after ? parseCursor(after) : null
  const { text } = filter
  if (!text) return pageOf(await findRows({ conditions: columns, start, take: EXECUTIONS_PER_PAGE + 1 }))
  const byId = [...columns, Prisma.sql`e."messageId" = ${text}`]
  const exact = await findRows({ conditions: byId, start, take: EXECUTIONS_PER_PAGE + 1 })
  if (exact.length > 0) return pageOf(exact)
  const page = await searchRows({ columns, text, start, limitMs: SCAN_LIMIT_MS[patience] })
  return page.searchedTo ? { ...page, oldest: await readOldest(flow.id, filter.from) } : page
}

async function readOldest(flowId: string, from: string | undefined): Promise<Date | null> {
  const first = await db().execution.findFirst({
    where: { flowId, ...(from && { startedAt: { gte: new Date(from) } }) },
    orderBy: [{ startedAt: 'asc' }, { id: 'asc' }],
    select: { startedAt: true },
  })
  return first?.startedAt ?? null
}

/** The view's filter, with a named range turned into a time. */
export function filterOf(view: Omit<ExecutionListView, 'after'>): ExecutionFilter {
  const { time, q, from, to, status, source, version } = view
  return {
    ...(status && { status }),
    ...(source && { source }),
    ...(version && { version }),
    ...(time ? { from: startOfRange(time).toISOString() } : { ...(from && { from }), ...(to && { to }) }),
    ...(q && { text: q }),
  }
}

/** Conditions on columns of `"Execution" AS e`; null when nothing can fit, for example a version that is not there. */
export async function columnConditions(
  flow: { id: string; algorithmId: string },
  { status, source, version, from, to }: ExecutionFilter,
): Promise<Prisma.Sql[] | null> {
  const conditions = [Prisma.sql`e."flowId" = ${flow.id}::uuid`]
  if (status) conditions.push(Prisma.sql`e.status = ${status}::"ExecutionStatus"`)
  if (source) conditions.push(Prisma.sql`e.source = ${source}::"ExecutionSource"`)
  if (from) conditions.push(Prisma.sql`e."startedAt" >= ${new Date(from)}`)
  if (to) conditions.push(Prisma.sql`e."startedAt" < ${new Date(to)}`)
  if (version) {
    const [major, minor, revision] = version.split('.').map(Number) as [number, number, number]
    const found = await db().version.findFirst({
      where: { algorithmId: flow.algorithmId, major, minor, revision },
      select: { id: true },
    })
    if (!found) return null
    conditions.push(Prisma.sql`e."versionId" = ${found.id}::uuid`)
  }
  return conditions
}

/** That a row of `"Execution" AS e` holds a text, in upper or lower case. */
export function textCondition(text: string): Prisma.Sql {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return Prisma.sql`(e."messageId" ILIKE ${pattern} OR e."errorType" ILIKE ${pattern} OR e."errorMessage" ILIKE ${pattern}
    OR e."deadLetterReason" ILIKE ${pattern} OR left(e."inputPreview", ${SEARCHED_CHARS}) ILIKE ${pattern}
    OR left(e."resultPreview", ${SEARCHED_CHARS}) ILIKE ${pattern})`
}

type Search = { columns: Prisma.Sql[]; text: string; start: Position | null; limitMs: number }

/** Looks for a text, window by window from the newest row on, so that no search holds the page up. */
async function searchRows({ columns, text, start, limitMs }: Search): Promise<ExecutionPage> {
  const startedMs = performance.now()
  const found: FoundRow[] = []
  let from = start
  for (;;) {
    const window = await scanWindow(columns, from)
    const last = window.at(-1)
    if (!last) return pageOf(found)
    const ids = Prisma.join(window.map(({ id }) => Prisma.sql`${id}::uuid`))
    const conditions = [Prisma.sql`e.id IN (${ids})`, textCondition(text)]
    found.push(...(await findRows({ conditions, start: null, take: EXECUTIONS_PER_PAGE + 1 - found.length })))
    if (found.length > EXECUTIONS_PER_PAGE || window.length < SCAN_ROWS) return pageOf(found)
    if (performance.now() - startedMs > limitMs) {
      return { executions: found.map(rowOf), next: cursorOf(last), searchedTo: last.startedAt, oldest: null }
    }
    from = last
  }
}

function scanWindow(columns: Prisma.Sql[], start: Position | null): Promise<Position[]> {
  return db().$queryRaw<Position[]>`
    SELECT e.id, e."startedAt" FROM "Execution" e WHERE ${Prisma.join(withStart(columns, start), ' AND ')}
    ORDER BY e."startedAt" DESC, e.id DESC LIMIT ${SCAN_ROWS}`
}

type FoundRow = Omit<ExecutionRow, 'semanticVersion' | 'preview' | 'hasError'> & {
  major: number | null
  minor: number | null
  revision: number | null
  errorText: string | null
  resultText: string
}

type Wanted = { conditions: Prisma.Sql[]; start: Position | null; take: number }

function findRows({ conditions, start, take }: Wanted): Promise<FoundRow[]> {
  // The page is found by its index first; only its own rows are looked up in the other tables and cut.
  return db().$queryRaw<FoundRow[]>`
    SELECT e.id, e.source::text, e.status::text, e."messageId", e."deliveryCount", e."commitSha", e."startedAt",
      e."durationMs", s.settlement::text, left(e."resultPreview", ${PREVIEW_CHARS}) AS "resultText",
      left(e."errorMessage", ${PREVIEW_CHARS}) AS "errorText", v.major, v.minor, v.revision
    FROM (SELECT * FROM "Execution" e WHERE ${Prisma.join(withStart(conditions, start), ' AND ')}
      ORDER BY e."startedAt" DESC, e.id DESC LIMIT ${take}) e
    LEFT JOIN "Version" v ON v.id = e."versionId"
    LEFT JOIN "ExecutionSettlement" s ON s."executionId" = e.id
    ORDER BY e."startedAt" DESC, e.id DESC`
}

function withStart(conditions: Prisma.Sql[], start: Position | null): Prisma.Sql[] {
  if (!start) return conditions
  return [...conditions, Prisma.sql`(e."startedAt", e.id) < (${start.startedAt}, ${start.id}::uuid)`]
}

function pageOf(found: FoundRow[]): ExecutionPage {
  const rows = found.slice(0, EXECUTIONS_PER_PAGE)
  const last = rows.at(-1)
  const next = found.length > EXECUTIONS_PER_PAGE && last ? cursorOf(last) : null
  return { executions: rows.map(rowOf), next, searchedTo: null, oldest: null }
}

function rowOf({ major, minor, revision, errorText, resultText, ...row }: FoundRow): ExecutionRow {
  return {
    ...row,
    semanticVersion: major === null ? null : `${major}.${minor}.${revision}`,
    hasError: errorText !== null,
    preview: errorText ?? resultText,
  }
}

const cursorOf = ({ startedAt, id }: Position): string => `${startedAt.getTime()}.${id}`

function parseCursor(cursor: string): Position {
  const [ms = '0', id = ''] = cursor.split('.')
  return { startedAt: new Date(Number(ms)), id }
}
