import type { Right } from '../access-keys'
import { claimMissing } from '../links/amqp-error'
import type { Limits } from '../links/broker'
import type { Claims } from '../links/claims'
import { type Answer, failure, type Request } from '../links/request-link'
import type { Namespace } from '../namespace'
import type { MessageQueue } from '../queue/queue'
import { renewLock, updateDisposition } from './lock-operations'
import { batchDelete, peekMessages, receiveBySequenceNumber } from './message-operations'
import { RequestBody } from './request-body'
import { cancelScheduled, scheduleMessages } from './schedule-operations'
import { getSessionState, listSessions, renewSessionLock, setSessionState } from './session-operations'

/** What an operation works on. */
export type OperationContext = { queue: MessageQueue; limits: Limits; nowMs: number }

type Operation = { right: Right; run(context: OperationContext, body: RequestBody): Answer }

const OPERATIONS: Record<string, Operation> = {
  'com.microsoft:renew-lock': { right: 'Listen', run: renewLock },
  'com.microsoft:update-disposition': { right: 'Listen', run: updateDisposition },
  'com.microsoft:peek-message': { right: 'Listen', run: peekMessages },
  'com.microsoft:receive-by-sequence-number': { right: 'Listen', run: receiveBySequenceNumber },
  'com.microsoft:batch-delete-messages': { right: 'Listen', run: batchDelete },
  'com.microsoft:schedule-message': { right: 'Send', run: scheduleMessages },
  'com.microsoft:cancel-scheduled-message': { right: 'Send', run: cancelScheduled },
  'com.microsoft:renew-session-lock': { right: 'Listen', run: renewSessionLock },
  'com.microsoft:get-session-state': { right: 'Listen', run: getSessionState },
  'com.microsoft:set-session-state': { right: 'Listen', run: setSessionState },
  'com.microsoft:get-message-sessions': { right: 'Listen', run: listSessions },
}

export type ManagementNode = {
  queue: MessageQueue
  namespace: Namespace
  limits: Limits
  claims: Claims
  address: string
}

/** Answers a request on a queue's `$management` node. */
export function answerManagementRequest(node: ManagementNode, request: Request): Answer {
  const operation = Object.hasOwn(OPERATIONS, request.operation) ? OPERATIONS[request.operation] : undefined
  if (!operation) {
    return failure(501, {
      condition: 'amqp:not-implemented',
      description: `The operation ${request.operation} is not implemented.`,
    })
  }
  const nowMs = node.namespace.clock()
  if (!node.claims.allow(node.address, operation.right, nowMs)) {
    return failure(401, claimMissing(operation.right, node.address))
  }
  return operation.run({ queue: node.queue, limits: node.limits, nowMs }, new RequestBody(request.body))
}
