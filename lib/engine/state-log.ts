import { db } from '@/lib/db'
import { storable } from '@/lib/executions/record'
import { publishLive } from '@/lib/live/bus'
import type { Logger } from '@/lib/logger'
import type { StateChange } from './consumer-state'
import type { DatabaseWatch } from './database-watch'
import type { FlowSpec } from './target'

/** Writes consumers' states to their flows, in order; of several that wait, only the last counts. */
export class StateLog {
  readonly #watch: DatabaseWatch
  readonly #logger: Logger
  readonly #unwritten = new Map<string, StateChange>()
  #writing: Promise<void> | undefined

  constructor(watch: DatabaseWatch, logger: Logger) {
    this.#watch = watch
    this.#logger = logger
  }

  note({ id, algorithmId, queueName }: FlowSpec, change: StateChange): void {
    this.#logger.info({ flowId: id, queueName, state: change.state, reason: change.reason }, 'consumer state')
    this.#unwritten.set(id, change)
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
    for (;;) {
      const [next] = this.#unwritten
      if (!next) return
      const [flowId, change] = next
      if (!(await this.#write(flowId, change))) return
      // A newer change of the same flow may have come meanwhile.
      if (this.#unwritten.get(flowId) === change) this.#unwritten.delete(flowId)
    }
  }

  async #write(flowId: string, { state, reason, changedAt }: StateChange): Promise<boolean> {
    try {
      await this.#watch.attempt(() =>
        db().eventFlow.updateMany({
          where: { id: flowId },
          data: { state, stateReason: storable(reason), stateChangedAt: changedAt },
        }),
      )
      publishLive(`flow:${flowId}`, 'admin')
      return true
    } catch (error) {
      if (!this.#watch.isAway) this.#logger.error({ err: error, flowId }, "a consumer's state could not be written")
      return false
    }
  }
}
