import type { FlowIntent, MessageOrder } from '@/lib/generated/prisma/enums'
import type { RunnableVersion } from '@/lib/runtime/port'
import type { BackOffPolicy } from './decide'

/** What a flow's messages run now: a resolved endpoint (lib/versions/resolve.ts). */
export type RunTarget = { versionId: string | null; semanticVersion: string | null; runnable: RunnableVersion }

/** What a person wants of the flow, and who said so last. */
export type FlowWish = { intent: FlowIntent; by: string | null }

/** Where results go: `OWNER/COLLECTION` and how their files are called (lib/engine/output/file-name.ts). */
export type OutputPlace = { collection: string; nameTemplate: string }

/** What a consumer must know of its flow; `revision` grows when any of it but the versions changes. */
export type FlowSpec = {
  id: string
  ownerId: string
  algorithmId: string
  /** `OWNER/NAME`. */
  algorithmName: string
  versionSelector: string | null
  queueName: string
  namespaceHost: string
  /** Sealed; opened only to connect. */
  sealedConnectionString: string
  timeoutMs: number
  /** Messages that run at a time. */
  concurrency: number
  messageOrder: MessageOrder
  backOff: BackOffPolicy
  output: OutputPlace | null
  /** How long a message is kept in hand at most; null for as long as its run and its back-off take. */
  lockRenewalLimitMs: number | null
  /** Not part of the revision: the consumer that is there follows it. */
  wish: FlowWish
  revision: number
  /** Differs when the algorithm, which versions of it there are, or what its workers may use has changed. */
  versionsMark: string
}
