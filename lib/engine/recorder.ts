import type { Abortable } from '@/lib/abortable'
import type { KeptPayload } from '@/lib/executions/payloads'
import type { Settlement } from '@/lib/generated/prisma/enums'
import type { Invocation, Payload, RunError } from '@/lib/runtime/port'
import type { Message } from './broker/port'
import type { LeaseMark } from './leases/lease'
import type { ResultFile } from './output/outputs'

/** Names a message for good: a queue that was deleted and made again counts from 1 again, at another time. */
export type MessageKey = { flowId: string; sequenceNumber: bigint; enqueuedAt: Date }

/** What a run, or the refusal to run, left behind. */
export type RecordedResult =
  | { kind: 'invocation'; invocation: Invocation }
  /** There was no run to its end; `status` says whether that counts as a failure of the message. */
  | { kind: 'no_run'; status: 'failed' | 'abandoned'; error: Pick<RunError, 'errorType' | 'message'> }

/** One execution of a delivery, as it goes to the ledger. */
export type DeliveryRecord = {
  executionId: string
  key: MessageKey
  /** Under which lease the message ran. */
  lease: LeaseMark
  algorithmId: string
  versionId: string | null
  commitSha: string
  callerId: string
  /** What of it a person looks for and a replay needs goes into the row. */
  message: Omit<Message, 'body'>
  /** 1 for the first hand-over. */
  attempt: number
  receivedAt: Date
  startedAt: Date
  finishedAt: Date
  input: Payload
  result: RecordedResult
  /** What of both is too large for the row, and in storage already. */
  payloads: KeptPayload[]
  /** The result's file, named by the transaction that makes the result win; null without an output collection. */
  output: { file: ResultFile; uri: string } | null
  deadLetterReason: string | null
}

export type RecordAnswer = 'recorded' | 'lost_race' | 'lapsed' | 'no_output_place' | 'deleted'

export type SettledExecution = {
  executionId: string
  flowId: string
  settlement: Settlement
  settledAt: Date
  /** The message is in the dead-letter queue now, by us or by the broker's count. */
  isDeadLettered: boolean
}

/**
 * The ledger as the engine sees it. While the database does not answer, `findHighestNumber`, `findWinner` and `record`
 * wait until it does or the signal ends, and then reject with the signal's reason.
 */
export interface Recorder {
  /** Whether the database does not answer, as far as is known. */
  readonly isAway: boolean
  /** The highest sequence number of all messages of the flow that the ledger knows; -1 when it knows none. */
  findHighestNumber(flowId: string, signal: Abortable): Promise<bigint>
  /** The execution whose result won the message, if there is one. */
  findWinner(key: MessageKey, signal: Abortable): Promise<string | null>
  /**
   * Writes the execution, its log and the flow's counts in one transaction. `lost_race`: another run of the message
   * has won already; `lapsed`: the flow is another engine's by now, whose result is to count. Both are recorded without
   * a win. `no_output_place`: nothing is written, because the collection for the result is not there. `deleted`: nothing
   * is written, because the algorithm is gone with all its executions. Nothing is written once the signal has ended.
   */
  record(record: DeliveryRecord, signal: Abortable): Promise<RecordAnswer>
  /** Written soon after, in a batch; a crash before leaves the execution without its settlement. */
  markSettled(settled: SettledExecution): void
}
