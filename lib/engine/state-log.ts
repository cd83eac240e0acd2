import { db } from '@/lib/db'
import { storable } from '@/lib/executions/record'
import { publishLive } from '@/lib/live/bus'
import type { Logger } from '@/lib/logger'
import type { StateChange } from './consumer-state'
import type { DatabaseWatch } from './database-watch'
import type { FlowSpec } from './target'

type Unwritten = { change: StateChange; engineId: string }

const MAX_BATCH = 500

/** Writes consumers' states to their flows, in order; of several that wait, only the last counts. */
export class StateLog {
  readonly #watch: DatabaseWatch
  readonly #logger: Logger
  readonly #unwritten = new Map<string, Unwritten>()
  #writing: Promise<void> | undefined

  constructor(watch: DatabaseWatch, logger: Logger) {
    this.#watch = watch
    this.#logger = logger
  }

  /** `engineId` says whose consumer it is: a flow that is another engine's by now keeps the state that that one gave it. */
  note({ id, algorithmId, queueName }: FlowSpec, change: StateChange, engineId: string): void {
    this.#logger.info({ flowId: id, queueName, state: change.state, reason: change.reason }, 'consumer state')
    this.#unwritten.set(id, { change, engineId })
    publishLive(`flow:${id}`, `algorithm:${algorithmId}`, 'admin')
    void this.flush()
  }

  /** Writes what is left; what can not be written now is tried again with the next change or call. */
  flush(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #writeAll(): Promise<void> {
    // What is noted in the same tick goes together.
    await Promise.resolve()
    while (this.#unwritten.size > 0) {
      const batch = [...this.#unwritten].slice(0, MAX_BATCH)
      if (!(await this.#write(batch))) return
      for (const [flowId, written] of batch) {
        // A newer change of the same flow may have come meanwhile.
        if (this.#unwritten.get(flowId) === written) this.#unwritten.delete(flowId)
      }
    }
  }

  async #write(batch: [string, Unwritten][]): Promise<boolean> {
    try {
      await this.#watch.attempt(() => writeStates(batch))
      publishLive(...batch.map(([flowId]) => `flow:${flowId}` as const), 'admin')
      return true
    } catch (error) {
      if (!this.#watch.isAway) this.#logger.error({ err: error }, "consumers' states could not be written")
      return false
    }
  }
}

function writeStates(batch: [string, Unwritten][]): Promise<number> {
  const column = <T>(pick: (flowId: string, unwritten: Unwritten) => T) => batch.map(([id, value]) => pick(id, value))
  // Locked in the order of their ids, as the ledger does: neither waits for the other in a circle.
  return db().$executeRaw`
    WITH s AS (
      SELECT w.* FROM unnest(
        ${column((flowId) => flowId)}::uuid[],
        ${column((_, { engineId }) => engineId)}::uuid[],
        ${column((_, { change }) => change.state as string)}::text[],
        ${column((_, { change }) => storable(change.reason))}::text[],
        ${column((_, { change }) => change.changedAt.toISOString())}::timestamptz[]
      ) AS w("flowId", "engineId", state, reason, at)
      JOIN "FlowLease" l ON l."flowId" = w."flowId" AND l."engineId" = w."engineId"
    ), locked AS (
      SELECT f.id FROM "EventFlow" f JOIN s ON s."flowId" = f.id ORDER BY f.id FOR NO KEY UPDATE OF f
    )
    UPDATE "EventFlow" f
    SET state = s.state::"ConsumerState", "stateReason" = s.reason, "stateChangedAt" = s.at
    FROM s, locked WHERE f.id = s."flowId" AND locked.id = f.id`
}
