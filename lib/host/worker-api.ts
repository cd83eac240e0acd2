import type { Context } from '@/lib/context'
import type { WorkerApi } from '@/lib/runtime/port'
import { handleApiRequest } from '@/lib/v1/router'

/** What algorithms reach from inside the sandbox: the same API as outside, for the account that they run for. */
export const answerWorker: WorkerApi = (request, caller) => {
  const ctx: Context = {
    actor: {
      kind: 'algorithm',
      accountId: caller.callerId,
      name: caller.algorithmName,
      algorithmId: caller.algorithmId,
      algorithmOwnerId: caller.ownerId,
      dataRight: caller.callerDataRight,
    },
  }
  return handleApiRequest(ctx, request)
}
