import { sleepUnlessAborted } from '@/lib/abortable'
import type { Settlement } from '@/lib/generated/prisma/enums'
import { metrics } from '@/lib/telemetry/registry'
import { endTrace, inSpan } from '@/lib/telemetry/tracing'
import type { Delivery, Message } from './broker/port'
import type { InFlightDelivery } from './current'
import { type Decision, decide } from './decide'
import type { DeliveryLimit } from './delivery-limit'
import type { Run } from './record-run'
import { settle } from './settle'
import type { Slots } from './slots'
import { beginWork, isSameMessage, killReasonOf, killWork, logFieldsOf, type Verdict, type Work } from './work'
import { workOut } from './work-out'
import { backOffOf, type WorkOutParts } from './work-parts'

/**
 * Beyond this many held messages a further one that has failed keeps its slot: a poisoned queue can not pile up locks.
 * Successes that turn out not to be recordable, which are a mistake of ours, may come on top: MAX_RECORDING at most.
 */
export const MAX_HELD = 64
/** For each slot so many messages may be recorded and settled at a time: the database takes large batches for less. */
const RECORDING_PER_SLOT = 3
const MAX_RECORDING = 192
/** With more in its body, result and log a message keeps its slot until it is settled: what is in hand is in memory. */
const SMALL_BYTES = 64 * 1024

export type DispatcherParts = WorkOutParts & {
  /** Shared with the flow's other links. */
  slots: Slots
  deliveryLimit: Pick<DeliveryLimit, 'isOver'>
  /** A message was taken in hand, is being recorded, came to be held, or is settled: `inFlight` has changed. */
  onInFlightChange(): void
}

/** Takes the deliveries of one flow through run, record and settle, in this order, and knows which are in hand. */
export class Dispatcher {
  readonly #parts: DispatcherParts
  readonly #inHand = new Map<string, Work>()
  #deliveries = 0
  #idleWaiters: (() => void)[] = []
  /** Nothing is held any more: a back-off would only keep the stop waiting. */
  #isReleasing = false
  /** What still comes is given back without a run. */
  #isKilling = false

  constructor(parts: DispatcherParts) {
    this.#parts = parts
  }

  /**
   * Resolves when the link may bring a further message: one that has succeeded or is held keeps its lock, not its slot;
   * of a session the next message comes only after this one is settled. Never rejects.
   */
  async deliver(delivery: Delivery): Promise<void> {
    const { flow, slots, newMessages } = this.#parts
    this.#deliveries += 1
    metrics().deliveries.inc({ flow: flow.id, queue: flow.queueName })
    const work = beginWork(delivery, flow, this.#deliveries, newMessages.note(delivery))
    // One with a number above all that came before is none of them.
    if (!work.mayBeNew) this.#disownEarlier(work)
    this.#inHand.set(work.executionId, work)
    this.#parts.onInFlightChange()
    if (this.#isKilling) killWork(work, 'stopping')
    else if (this.#isReleasing) work.release.abort()
    const hasSlot = await slots.take(work.kill)
    const finished = await this.#untilLetGo(work)
    if (hasSlot) slots.give()
    if (flow.messageOrder === 'session') await finished.promise
  }

  /** Resolves when the message needs its slot no more, to what settles when it is finished. */
  #untilLetGo(work: Work): Promise<{ promise: Promise<void> }> {
    return new Promise((resolve) => {
      // In an object: a promise would be waited for.
      const onLetGo = () => resolve({ promise })
      const onDefect = (err: unknown) =>
        this.#parts.logger.error({ ...logFieldsOf(work), err }, 'a delivery has no end')
      const promise = this.#carry(work, onLetGo).catch(onDefect).finally(onLetGo)
    })
  }

  /** From run to settlement. `onLetGo` is called when the message has let go of its slot. */
  async #carry(work: Work, onLetGo: () => void): Promise<void> {
    const onRecording = (run: Run) => this.#enter(work, 'recording', isSmallSuccess(work, run) ? onLetGo : undefined)
    try {
      const verdict = await workOut(work, this.#parts, onRecording).catch((error: unknown) =>
        this.#afterDefect(work, error),
      )
      if (this.#isToBeHeld(verdict.decision)) this.#enter(work, 'held', onLetGo)
      await this.#finish(work, verdict)
    } finally {
      if (work.letGoIn) this.#parts.slots.letGo[work.letGoIn] -= 1
    }
  }

  /** `onLetGo` is called when the message has no slot from now on; without it, it keeps what it has. */
  #enter(work: Work, stage: 'recording' | 'held', onLetGo?: () => void): void {
    const { letGo } = this.#parts.slots
    const isWithoutSlot = work.letGoIn !== null || (onLetGo !== undefined && this.#mayLetGo(stage))
    if (work.letGoIn) letGo[work.letGoIn] -= 1
    if (isWithoutSlot) letGo[stage] += 1
    work.letGoIn = isWithoutSlot ? stage : null
    work.stage = stage
    this.#parts.onInFlightChange()
    if (isWithoutSlot) onLetGo?.()
  }

  /**
   * So many are recorded and settled beside those that run, and no more, so that a slow database slows the intake. The
   * messages of a session that are recorded keep their slot: nothing comes before they are settled.
   */
  #mayLetGo(stage: 'recording' | 'held'): boolean {
    const { flow, slots } = this.#parts
    const { recording, held } = slots.letGo
    if (held >= MAX_HELD) return false
    if (stage === 'held') return true
    return flow.messageOrder !== 'session' && recording < Math.min(slots.count * RECORDING_PER_SLOT, MAX_RECORDING)
  }

  /** How many deliveries have come over the link since the oldest that is still in hand. */
  deliveriesSinceOldest(): number {
    // Entries stand in the order in which they came.
    const [oldest] = this.#inHand.values()
    return oldest ? this.#deliveries - oldest.ordinal : 0
  }

  /** What is in hand. */
  messages(): Message[] {
    return [...this.#inHand.values()].map(({ delivery }) => delivery.message)
  }

  inFlight(): InFlightDelivery[] {
    return [...this.#inHand.values()].map(({ delivery, executionId, stage, receivedAt, lock }) => ({
      executionId,
      messageId: delivery.message.messageId,
      sequenceNumber: String(delivery.message.sequenceNumber),
      attempt: delivery.attempt,
      stage,
      receivedAt,
      lockedUntil: lock.lockedUntil,
    }))
  }

  /** Gives held messages back at once, from now on, and those that wait for something that is missing. */
  releaseHeld(): void {
    this.#isReleasing = true
    for (const { release } of this.#inHand.values()) release.abort()
  }

  /** Kills what still runs; its messages are given back too. */
  killRuns(): void {
    this.#isKilling = true
    this.releaseHeld()
    for (const work of this.#inHand.values()) killWork(work, 'stopping')
  }

  async whenIdle(): Promise<void> {
    while (this.#inHand.size > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve))
  }

  /** A message that comes again while it is still in hand: the broker has forgotten the earlier lock. */
  #disownEarlier({ key }: Work): void {
    for (const earlier of this.#inHand.values()) {
      if (isSameMessage(earlier.key, key)) killWork(earlier, 'lock_lost')
    }
  }

  /** A mistake of ours: the message waits for its next attempt as after a failure, and does not go round in circles. */
  #afterDefect(work: Work, error: unknown): Verdict {
    this.#parts.logger.error({ ...logFieldsOf(work), err: error }, 'a delivery could not be worked out')
    const decision = decide({ kind: 'unrecordable' }, work.delivery.attempt, backOffOf(this.#parts))
    return { decision, executionId: null }
  }

  #isToBeHeld(decision: Decision): boolean {
    return decision.action === 'abandon' && decision.afterMs > 0 && !this.#isReleasing
  }

  async #finish(work: Work, { decision, executionId }: Verdict): Promise<void> {
    if (decision.action === 'abandon' && work.stage === 'held') {
      await sleepUnlessAborted(decision.afterMs, work.release)
    }
    clearTimeout(work.limit)
    work.lock.release()
    const isOurs = killReasonOf(work) !== 'lock_lost' && !work.lock.isLost
    const settlement = isOurs ? await this.#settle(work, decision) : null
    if (settlement && executionId) {
      this.#parts.recorder.markSettled({
        executionId,
        flowId: this.#parts.flow.id,
        settlement,
        settledAt: new Date(),
        isDeadLettered:
          settlement === 'dead_lettered' || (decision.action === 'abandon' && (await this.#wasLastDelivery(work))),
      })
    }
    this.#inHand.delete(work.executionId)
    this.#tell(work, decision, settlement)
    this.#parts.onInFlightChange()
    if (this.#inHand.size === 0) for (const wake of this.#idleWaiters.splice(0)) wake()
  }

  #settle(work: Work, decision: Decision): Promise<Settlement | null> {
    return inSpan(work.trace, 'settle', () => settle(work, decision, this.#parts.logger))
  }

  #tell(work: Work, decision: Decision, settlement: Settlement | null): void {
    const { flow, logger } = this.#parts
    const tookMs = Date.now() - work.receivedAt.getTime()
    metrics().settlements.inc({ flow: flow.id, queue: flow.queueName, settlement: settlement ?? 'none' })
    metrics().deliverySeconds.observe(tookMs / 1_000)
    const error = decision.action === 'complete' ? undefined : decision.action
    endTrace(
      work.trace,
      { 'headrace.execution.id': work.executionId, 'headrace.settlement': settlement ?? 'none' },
      error,
    )
    const level = error ? 'info' : 'debug'
    if (logger.isLevelEnabled(level)) {
      const fields = { ...logFieldsOf(work), queueName: flow.queueName, action: decision.action, settlement, tookMs }
      logger[level](fields, 'a delivery is over')
    }
  }

  /** A message that has come again meanwhile may be off the queue for a better reason. */
  async #wasLastDelivery(work: Work): Promise<boolean> {
    return (await this.#parts.deliveryLimit.isOver(work.delivery)) && killReasonOf(work) !== 'lock_lost'
  }
}

/** What failed keeps its slot until it is held: there MAX_HELD is looked at. */
function isSmallSuccess({ body }: Work, { result }: Run): boolean {
  if (result.kind !== 'invocation' || !result.invocation.ok) return false
  const { stdout, stderr } = result.invocation
  const bytes = body.payload.bytes.length + result.invocation.result.bytes.length
  return bytes + stdout.length + stderr.length <= SMALL_BYTES
}
