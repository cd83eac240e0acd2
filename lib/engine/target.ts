import type { RunnableVersion } from '@/lib/runtime/port'

/** What a flow's messages run now: a resolved endpoint (lib/versions/resolve.ts). */
export type RunTarget = { versionId: string | null; semanticVersion: string | null; runnable: RunnableVersion }

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
  revision: number
  /** Differs when the algorithm, or which versions of it there are, has changed. */
  versionsMark: string
}
