import { SESSION_LOCK_LOST } from '../links/amqp-error'
import { type Answer, failure } from '../links/request-link'
import type { Session } from '../queue/session'
import { noContent, success } from './answers'
import type { OperationContext } from './dispatch'
import type { RequestBody } from './request-body'
import { binary, int, timestamp } from './wire'

export function renewSessionLock(context: OperationContext, body: RequestBody): Answer {
  return withSession(context, body, (session) =>
    success({ expiration: timestamp(context.queue.sessionLocks.renew(session, context.nowMs)) }),
  )
}

export function getSessionState(context: OperationContext, body: RequestBody): Answer {
  return withSession(context, body, ({ state }) => success({ 'session-state': state && binary(state) }))
}

export function setSessionState(context: OperationContext, body: RequestBody): Answer {
  return withSession(context, body, (session) => {
    context.queue.setSessionState(session, body.buffer('session-state'), context.nowMs)
    return success()
  })
}

/** The largest date of .NET, as its clients and others write it: no filter. */
const NO_DATE_MS = 253_402_300_799_999

/** The sessions that have messages or a state; with a date, those whose state was set after it. */
export function listSessions({ queue }: OperationContext, body: RequestBody): Answer {
  const skip = body.number('skip', 0)
  const changedAfterMs = body.number('last-updated-time', NO_DATE_MS)
  const ids = [...queue.sessions.all()]
    .filter((session) => isListed(session, changedAfterMs))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((session) => session.id)
    .slice(skip, skip + body.number('top', 100))
  if (ids.length === 0) return noContent('There are no more sessions.')
  return success({ skip: int(skip + ids.length), 'sessions-ids': ids })
}

function isListed(session: Session, changedAfterMs: number): boolean {
  return changedAfterMs < NO_DATE_MS
    ? session.stateChangedAtMs > changedAfterMs
    : session.messageCount > 0 || session.state !== null
}

function withSession(context: OperationContext, body: RequestBody, use: (session: Session) => Answer): Answer {
  const session = context.queue.sessionLocks.held(body.text('session-id') ?? '', context.nowMs)
  return session ? use(session) : failure(410, SESSION_LOCK_LOST)
}
