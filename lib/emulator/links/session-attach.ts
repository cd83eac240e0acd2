import rhea from 'rhea'
import type { MessageQueue } from '../queue/queue'
import type { Session } from '../queue/session'
import type { AcceptedSession } from '../queue/session-locks'
import type { AmqpError } from './amqp-error'
import type { Attach } from './attach'
import type { ConsumerLink } from './consumer-link'
import { refuseLink } from './open-link'
import type { AnyLink, SenderInternals } from './rhea-private'
import { answerAttach } from './rhea-workarounds'

const SESSION_FILTER = 'com.microsoft:session-filter'
const DEFAULT_WAIT_MS = 60_000

export function wantsSession(link: AnyLink): boolean {
  const filter = link.remote.attach?.source?.filter
  return filter !== undefined && filter !== null && Object.hasOwn(filter, SESSION_FILTER)
}

/** The answer to the attach waits until a session is there, or until the client's time is over. */
export function acceptSession(request: Attach, queue: MessageQueue, consumer: ConsumerLink): void {
  const { broker, connection, address } = request
  const link = request.link as SenderInternals
  const wanted = link.remote.attach?.source?.filter?.[SESSION_FILTER]
  const sessionId = wanted === null || wanted === undefined ? null : String(wanted)
  const asked = Number(link.properties?.['com.microsoft:timeout'] ?? DEFAULT_WAIT_MS)
  const waitMs = asked >= 0 ? asked : DEFAULT_WAIT_MS
  const { clock } = broker.namespace
  // Known to the connection from now on, so that a client that leaves while it waits is noticed.
  connection.links.set(link, { address, handler: consumer })
  queue.sessionLocks.accept(sessionId, consumer, waitMs, clock(), (accepted) => {
    if (!link.is_remote_open()) {
      if ('session' in accepted) queue.sessionLocks.release(accepted.session, consumer, clock())
      return
    }
    if ('refused' in accepted) {
      connection.links.delete(link)
      refuseLink(broker, link, refusal(accepted.refused, sessionId))
      return
    }
    consumer.session = accepted.session
    announce(link, accepted.session)
    answerAttach(link)
  })
}

/** The client learns the session's id and the end of its lock from the answer. */
function announce(link: SenderInternals, session: Session): void {
  // The address exactly as the client wrote it: Python takes the answer for its own by that.
  const address = link.remote.attach?.source?.address ?? ''
  link.set_source({ address, filter: { [SESSION_FILTER]: session.id } })
  link.local.attach.properties = {
    'com.microsoft:locked-until-utc': rhea.types.wrap_long(toDotNetTicks(session.lockedUntilMs)),
  }
}

function refusal(
  reason: Extract<AcceptedSession, { refused: string }>['refused'],
  sessionId: string | null,
): AmqpError {
  if (reason === 'timeout') {
    return {
      condition: 'com.microsoft:timeout',
      description: 'The operation did not complete within the allotted timeout. No session is available.',
    }
  }
  return {
    condition: 'com.microsoft:session-cannot-be-locked',
    description: `The requested session '${sessionId}' cannot be accepted. It may be locked by another receiver.`,
  }
}

/** 100 ns since the year 1, as the service writes this one date. */
function toDotNetTicks(ms: number): Buffer {
  const bytes = Buffer.alloc(8)
  // A journal may keep a lock duration with a fraction.
  bytes.writeBigInt64BE(BigInt(Math.round(ms)) * 10_000n + 621_355_968_000_000_000n)
  return bytes
}
