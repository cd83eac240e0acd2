import { errorOf } from '../links/amqp-error'
import { refuseGrowth } from '../links/check-admission'
import { type Answer, failure } from '../links/request-link'
import type { Lock, Settlement } from '../queue/message'
import { success } from './answers'
import type { OperationContext } from './dispatch'
import type { RequestBody } from './request-body'
import { timestampArray } from './wire'

export function renewLock({ queue, nowMs }: OperationContext, body: RequestBody): Answer {
  const locks = findLocks({ queue, nowMs }, body)
  if (!locks) return lockLost(queue.properties.requiresSession)
  return success({ expirations: timestampArray(locks.map((lock) => queue.renew(lock, nowMs))) })
}

/** Settles messages whose link is gone, or that were received by sequence number. */
export function updateDisposition({ queue, limits, nowMs }: OperationContext, body: RequestBody): Answer {
  const settlement = readSettlement(body)
  if (!settlement) {
    return failure(400, {
      condition: 'com.microsoft:argument-error',
      description: `'${body.text('disposition-status')}' is not a disposition.`,
    })
  }
  const locks = findLocks({ queue, nowMs }, body)
  if (!locks) return lockLost(queue.properties.requiresSession)
  for (const { message } of locks) {
    const tooLarge = refuseGrowth(message, settlement, limits.maxMessageBytes)
    if (tooLarge) return failure(403, tooLarge)
  }
  for (const lock of locks) queue.settle(lock, settlement, nowMs)
  return success()
}

/** The locks of a request, or undefined when one of them no longer holds. */
function findLocks({ queue, nowMs }: Pick<OperationContext, 'queue' | 'nowMs'>, body: RequestBody): Lock[] | undefined {
  const locks: Lock[] = []
  for (const token of body.buffers('lock-tokens')) {
    const lock = queue.findLock(token, nowMs)
    if (!lock) return undefined
    locks.push(lock)
  }
  return locks
}

function lockLost(requiresSession: boolean): Answer {
  return failure(410, errorOf(requiresSession ? 'session-lock-lost' : 'message-lock-lost'))
}

/** The service's words; `defered` is its spelling. */
function readSettlement(body: RequestBody): Settlement | undefined {
  const properties = body.map('properties-to-modify')
  switch (body.text('disposition-status')) {
    case 'completed':
      return { kind: 'complete' }
    case 'abandoned':
      return { kind: 'abandon', properties, counted: true }
    case 'defered':
      return { kind: 'defer', properties }
    case 'suspended':
      return {
        kind: 'dead-letter',
        reason: body.text('deadletter-reason'),
        description: body.text('deadletter-description'),
        properties,
      }
    default:
      return undefined
  }
}
