import type { Right } from '../access-keys'
import type { Entity } from '../entity'
import { answerManagementRequest } from '../management/dispatch'
import { acceptsReceives, acceptsSends } from '../queue/properties'
import type { MessageQueue } from '../queue/queue'
import { type AmqpError, claimMissing, entityDisabled, entityNotFound, notAllowed, SERVER_BUSY } from './amqp-error'
import type { Broker } from './broker'
import { putToken } from './cbs'
import type { ClientConnection } from './client-connection'
import { ConsumerLink } from './consumer-link'
import { addressOf, echoTermini, openLink, openReceiver, refuseLink } from './open-link'
import { PublisherLink } from './publisher-link'
import type { Answer } from './request-link'
import {
  AnswerLink,
  type AnswerStyle,
  CBS_STYLE,
  failure,
  MANAGEMENT_STYLE,
  type Request,
  RequestLink,
} from './request-link'
import type { AnyLink, ReceiverInternals, SenderInternals } from './rhea-private'
import { takeRawPayloads } from './rhea-workarounds'
import { acceptSession, wantsSession } from './session-attach'

const PUBLISHER_CREDIT = 1000
const REQUEST_CREDIT = 100
/** Before a client has shown a token it may not send much. */
const MAX_TOKEN_REQUEST_BYTES = 64 * 1024
/** A request that schedules may carry several messages; one that is too large should be told so in an answer. */
const MESSAGES_A_REQUEST = 4
const MANAGEMENT_SUFFIX = '/$management'

/** A link that a client wants. */
export type Attach = { broker: Broker; connection: ClientConnection; link: AnyLink; address: string }

/** The service's error for a link that is refused; undefined when it was opened, or will be. */
type Refusal = AmqpError | undefined

/** Decides about a client's new link: opens it with its handler, or refuses it. */
export function attachLink(broker: Broker, connection: ClientConnection, link: AnyLink): void {
  echoTermini(link)
  const refusal = attach({ broker, connection, link, address: addressOf(link) })
  if (refusal) refuseLink(broker, link, refusal)
}

function attach(request: Attach): Refusal {
  const { broker, connection, link, address } = request
  const { namespace, limits } = broker
  if (connection.links.size >= limits.maxLinksPerConnection) {
    return {
      condition: 'amqp:resource-limit-exceeded',
      description: `A connection may have ${limits.maxLinksPerConnection} links.`,
    }
  }
  if (address.toLowerCase() === '$cbs') {
    const node = { style: CBS_STYLE, maxBytes: MAX_TOKEN_REQUEST_BYTES }
    return attachNode(request, node, (message) => putToken(broker, connection.claims, message))
  }
  const isManagement = address.toLowerCase().endsWith(MANAGEMENT_SUFFIX)
  const entityPath = isManagement ? address.slice(0, -MANAGEMENT_SUFFIX.length) : address
  const found = namespace.find(entityPath)
  if (!found) return entityNotFound(namespace.name, entityPath)
  if (broker.faults.strikes('refuseAttaches', found.entity.name)) {
    return { condition: 'amqp:internal-error', description: 'A fault switch refused this link.' }
  }
  const needed: Right[] = isManagement ? ['Listen', 'Send'] : link.is_receiver() ? ['Send'] : ['Listen']
  const nowMs = namespace.clock()
  if (!needed.some((right) => connection.claims.allow(address, right, nowMs))) {
    return claimMissing(needed[0] as Right, `sb://${namespace.name}/${address}`)
  }
  found.entity.accessedAtMs = nowMs
  if (isManagement) return attachManagement(request, found.queue)
  return link.is_receiver() ? attachPublisher(request, found) : attachConsumer(request, found.queue)
}

function attachManagement(request: Attach, queue: MessageQueue): Refusal {
  const { broker, connection, address } = request
  const { namespace, faults, limits } = broker
  const node = { queue, namespace, limits, claims: connection.claims, address }
  const wire = { style: MANAGEMENT_STYLE, maxBytes: MESSAGES_A_REQUEST * limits.maxMessageBytes }
  return attachNode(request, wire, (message) =>
    faults.strikes('answerServerBusy', queue.name) ? failure(503, SERVER_BUSY) : answerManagementRequest(node, message),
  )
}

/** How a node answers, and how large a request it reads. */
type Node = { style: AnswerStyle; maxBytes: number }

/** `$cbs` and `$management`: a pair of links, requests on one, answers on the other. */
function attachNode(request: Attach, { style, maxBytes }: Node, handle: (message: Request) => Answer): Refusal {
  const { broker, connection, link } = request
  if (link.is_receiver()) {
    const receiver = link as ReceiverInternals
    takeRawPayloads(receiver, maxBytes)
    const handler = new RequestLink(broker, connection, receiver, style, maxBytes, handle)
    openReceiver(request, receiver, handler, REQUEST_CREDIT)
    return undefined
  }
  const sender = link as SenderInternals
  const answers: AnswerLink = new AnswerLink(connection, sender, broker.limits.maxUnreadBytes, () =>
    connection.removeAnswerLink(sender, answers),
  )
  connection.addAnswerLink(sender, answers)
  openLink(request, answers)
  return undefined
}

function attachPublisher(request: Attach, found: { entity: Entity; queue: MessageQueue }): Refusal {
  const { broker, address } = request
  if (!found.queue.deadLetters) return notAllowed('Messages can not be sent to a dead-letter queue.')
  if (!acceptsSends(found.queue.properties.status)) return entityDisabled('send', address)
  const link = request.link as ReceiverInternals
  takeRawPayloads(link, broker.limits.maxMessageBytes)
  // The official client takes its batch limit from here.
  link.local.attach.max_message_size = broker.limits.maxMessageBytes
  openReceiver(request, link, new PublisherLink(broker, found.entity, link), PUBLISHER_CREDIT)
  return undefined
}

function attachConsumer(request: Attach, queue: MessageQueue): Refusal {
  const { status, requiresSession } = queue.properties
  const link = request.link as SenderInternals
  if (!acceptsReceives(status)) return entityDisabled('receive', request.address)
  if (requiresSession !== wantsSession(link)) return notAllowed(sessionMismatch(requiresSession))
  const consumer = new ConsumerLink(request.broker, request.connection, queue, link)
  if (requiresSession) {
    acceptSession(request, queue, consumer)
    return undefined
  }
  queue.addConsumer(consumer)
  openLink(request, consumer)
  return undefined
}

function sessionMismatch(requiresSession: boolean): string {
  return requiresSession
    ? 'It is not possible for an entity that requires sessions to create a non-sessionful message receiver.'
    : 'A sessionful message receiver cannot be created on an entity that does not require sessions.'
}
