import { db } from '@/lib/db'
import type { ConsumerStatus } from './current'

const WRITE_MS = 1_000
/** Renewed locks tell nobody: what has messages in hand is written anew this often. */
const REWRITE_EVERY = 5

export type SnapshotParts = {
  /** Undefined while this engine must not speak for its flows. */
  engineId(): string | undefined
  statusOf(flowId: string): ConsumerStatus | undefined
  onError(error: unknown): void
}

/** Writes what consumers have in hand for the pages of other processes: what changed, once a second, in one statement. */
export class SnapshotLog {
  readonly #parts: SnapshotParts
  readonly #changed = new Set<string>()
  readonly #busy = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #ticks = 0

  constructor(parts: SnapshotParts) {
    this.#parts = parts
  }

  note(flowId: string): void {
    this.#changed.add(flowId)
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), WRITE_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#writing
  }

  #tick(): void {
    this.#ticks += 1
    if (this.#ticks % REWRITE_EVERY === 0) for (const flowId of this.#busy) this.#changed.add(flowId)
    if (this.#writing || this.#changed.size === 0) return
    this.#writing = this.#write()
      .catch((error) => this.#parts.onError(error))
      .finally(() => {
        this.#writing = undefined
      })
  }

  async #write(): Promise<void> {
    const engineId = this.#parts.engineId()
    if (!engineId) return
    const statuses = [...this.#changed].map((flowId) => this.#parts.statusOf(flowId)).filter((status) => !!status)
    this.#changed.clear()
    for (const { flowId, inFlight } of statuses) {
      if (inFlight.length > 0) this.#busy.add(flowId)
      else this.#busy.delete(flowId)
    }
    if (statuses.length === 0) return
    // Only the flow's owner may speak for it, and a flow that was deleted meanwhile has no snapshot.
    await db().$executeRaw`
      INSERT INTO "FlowSnapshot" ("flowId", "engineId", status, "updatedAt")
      SELECT l."flowId", l."engineId", s.status, now()
      FROM unnest(
        ${statuses.map(({ flowId }) => flowId)}::uuid[],
        ${statuses.map((status) => JSON.stringify(status).replaceAll('\\u0000', '\\ufffd'))}::jsonb[]
      ) AS s("flowId", status)
      JOIN "FlowLease" l ON l."flowId" = s."flowId" AND l."engineId" = ${engineId}::uuid
      ON CONFLICT ("flowId") DO UPDATE
      SET "engineId" = EXCLUDED."engineId", status = EXCLUDED.status, "updatedAt" = EXCLUDED."updatedAt"`
  }
}
