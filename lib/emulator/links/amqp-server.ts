import type { Socket } from 'node:net'
import rhea, { type Container, type EventContext } from 'rhea'
import type { Entity } from '../entity'
import { parseEntityPath } from '../entity'
import { type AmqpError, entityNotFound, LOCK_LOST, SHUTTING_DOWN, TOKEN_EXPIRED, wireError } from './amqp-error'
import { attachLink } from './attach'
import type { Broker } from './broker'
import { ClientConnection } from './client-connection'
import { OUTCOME_NAMES, rejectedWith } from './outcomes'
import { limitDispositions, limitFrameSize, refuseArrayBombs } from './rhea-defences'
import type { AnyLink, ConnectionInternals, SessionInternals } from './rhea-private'
import {
  acknowledgeAtOnce,
  answerIfHeld,
  BROKER_OPTIONS,
  gatherWrites,
  holdAttachAnswers,
  keepPayloadsRaw,
  settleApart,
} from './rhea-workarounds'
import { offerMechanisms, provenRights } from './sasl'
import { keepUnsettled } from './sent-deliveries'

/** The AMQP side of the broker: connections in, links attached, events handed to the links' handlers. */
export class AmqpServer {
  readonly connections = new Set<ClientConnection>()
  readonly #container: Container
  readonly #sockets = new Set<Socket>()
  #isFrozen = false
  readonly #byAmqp = new WeakMap<object, ClientConnection>()

  constructor(private readonly broker: Broker) {
    this.#container = rhea.create_container({ id: broker.namespace.name })
    offerMechanisms(this.#container, broker.namespace)
    this.#listen()
    broker.namespace.onDeletion((entity) => this.#closeLinksOf(entity))
  }

  /** Serves a socket that speaks AMQP. */
  accept(socket: Socket): void {
    gatherWrites(socket)
    const connection = this.#container.create_connection({
      max_frame_size: this.broker.limits.maxFrameBytes,
      channel_max: this.broker.limits.maxLinksPerConnection - 1,
      // Told to the client as half of it, as AMQP advises.
      idle_time_out: this.broker.limits.maxSilenceMs / 2,
      ...BROKER_OPTIONS,
    } as unknown as Parameters<Container['create_connection']>[0]) as ConnectionInternals
    const client = new ClientConnection(connection, this.broker.limits.maxUnreadBytes)
    this.#byAmqp.set(connection, client)
    limitFrameSize(connection, this.broker.limits.maxFrameBytes, () => {
      this.broker.log('a client announced a frame above the limit; its connection was closed')
      socket.destroy()
    })
    for (const event of ['error', 'protocol_error']) {
      connection.on(event, (error: Error) => {
        this.broker.log(`a client broke the protocol: ${error.message}`)
        socket.destroy()
      })
    }
    this.#sockets.add(socket)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#forget(client)
    })
    socket.on('drain', () => {
      if (!this.#isFrozen) client.resume()
    })
    const opening = setTimeout(() => this.#isFrozen || socket.destroy(), this.broker.limits.maxOpeningMs)
    socket.on('close', () => clearTimeout(opening))
    const allowHeartbeats = acknowledgeAtOnce(socket)
    connection.on('connection_open', () => {
      clearTimeout(opening)
      this.connections.add(client)
      for (const { path, rights } of provenRights(connection)) client.claims.put(path, rights, Infinity)
      allowHeartbeats()
    })
    connection.accept(socket)
    refuseArrayBombs(connection)
    if (this.#isFrozen) stopSocket(socket)
  }

  /** Cuts every connection off without a word; returns how many. */
  dropConnections(): number {
    const sockets = [...this.#sockets]
    for (const socket of sockets) socket.destroy()
    return sockets.length
  }

  /** Detaches the links of one queue, or of all, as the service does now and then; returns how many. */
  detachLinks(queueName: string | null): number {
    const error = {
      condition: 'amqp:link:detach-forced',
      description: 'The link was detached by a fault switch. Attach again.',
    }
    return this.#closeLinks(error, (address) => queueName === null || isOfQueue(address, queueName))
  }

  /** Nothing is read or written until `thaw`; the connections stay. */
  freeze(): void {
    this.#isFrozen = true
    for (const socket of this.#sockets) stopSocket(socket)
  }

  thaw(): void {
    if (!this.#isFrozen) return
    this.#isFrozen = false
    for (const socket of this.#sockets) {
      socket.uncork()
      socket.resume()
    }
    for (const client of this.connections) client.resume()
  }

  get isFrozen(): boolean {
    return this.#isFrozen
  }

  /** Tells every client that the broker goes away. */
  closeConnections(error: AmqpError = SHUTTING_DOWN): void {
    for (const { amqp } of this.connections) amqp.close(wireError(error))
  }

  /** Detaches links whose token has run out. */
  closeExpiredLinks(): void {
    const nowMs = this.broker.namespace.clock()
    for (const connection of this.connections) {
      if (!connection.claims.forgetExpired(nowMs)) continue
      for (const [link, { address }] of connection.links) {
        const right = link.is_receiver() ? 'Send' : 'Listen'
        if (address.startsWith('$') || /\$management$/i.test(address)) continue
        if (connection.claims.allow(address, right, nowMs)) continue
        link.close(wireError(TOKEN_EXPIRED))
      }
    }
  }

  #listen(): void {
    const container = this.#container
    const ignored = ['connection_error', 'session_error', 'receiver_error', 'sender_error']
    for (const event of ignored) container.on(event, () => {})
    container.on('session_open', ({ connection, session }: EventContext) => {
      holdAttachAnswers(session as SessionInternals)
      keepPayloadsRaw(session as SessionInternals)
      settleApart(session as SessionInternals)
      keepUnsettled(session as SessionInternals, rejectedWith(LOCK_LOST))
      limitDispositions(session as SessionInternals)
      const client = this.#byAmqp.get(connection)
      if (client && ++client.sessionCount > this.broker.limits.maxLinksPerConnection)
        throw new Error('too many sessions')
    })
    container.on('session_close', ({ connection, session }: EventContext) => {
      const client = this.#byAmqp.get(connection)
      if (client) client.sessionCount--
      session?.each_link(
        (link: AnyLink) => this.#closed(connection, link),
        () => true,
      )
    })
    container.on('receiver_open', ({ connection, receiver }: EventContext) => this.#attach(connection, receiver))
    container.on('sender_open', ({ connection, sender }: EventContext) => this.#attach(connection, sender))
    container.on('receiver_close', ({ connection, receiver }: EventContext) => this.#closed(connection, receiver))
    container.on('sender_close', ({ connection, sender }: EventContext) => this.#closed(connection, sender))
    for (const event of ['connection_close', 'disconnected']) {
      container.on(event, ({ connection }: EventContext) => this.#forget(this.#byAmqp.get(connection)))
    }
    container.on('message', (context: EventContext & { format?: number }) => {
      const { connection, receiver, message, delivery, format } = context
      if (message && delivery) this.#handler(connection, receiver)?.onMessage?.({ message, format, delivery })
    })
    container.on('sender_flow', ({ connection, sender }: EventContext) => this.#handler(connection, sender)?.onFlow?.())
    container.on('sender_draining', ({ connection, sender }: EventContext) => {
      const handler = this.#handler(connection, sender)
      if (handler?.onDrain) handler.onDrain()
      else sender?.set_drained(true)
    })
    for (const outcome of OUTCOME_NAMES) {
      container.on(outcome, ({ connection, sender, delivery }: EventContext) => {
        if (!delivery) return
        // rhea calls this from a tick of its own, where nothing would catch an error.
        try {
          this.#handler(connection, sender)?.onOutcome?.(outcome, delivery)
        } catch (error) {
          this.broker.log(`a settlement failed: ${(error as Error).stack}`)
          connection.socket.destroy()
        }
      })
    }
  }

  #attach(amqp: object, link: unknown): void {
    const connection = this.#byAmqp.get(amqp)
    if (!connection) return
    connection.attached.add(link as AnyLink)
    // Links that were refused stay until the client has closed them too.
    if (connection.attached.size > 2 * this.broker.limits.maxLinksPerConnection)
      throw new Error('too many refused links')
    attachLink(this.broker, connection, link as AnyLink)
  }

  #handler(amqp: object, link: unknown) {
    return this.#byAmqp.get(amqp)?.links.get(link as AnyLink)?.handler
  }

  #closed(amqp: object, link: unknown): void {
    answerIfHeld(link as AnyLink)
    const client = this.#byAmqp.get(amqp)
    client?.attached.delete(link as AnyLink)
    const links = client?.links
    const known = links?.get(link as AnyLink)
    links?.delete(link as AnyLink)
    known?.handler.onClosed()
  }

  #forget(connection: ClientConnection | undefined): void {
    if (!connection) return
    this.connections.delete(connection)
    connection.close()
  }

  #closeLinksOf(entity: Entity): void {
    const error = entityNotFound(this.broker.namespace.name, entity.name)
    this.#closeLinks(error, (address) => isOfQueue(address, entity.name))
  }

  #closeLinks(error: AmqpError, isMeant: (address: string) => boolean): number {
    let closed = 0
    for (const connection of this.connections) {
      for (const [link, { address, handler }] of connection.links) {
        if (address === '$cbs' || !isMeant(address)) continue
        connection.links.delete(link)
        handler.onClosed()
        link.close(wireError(error))
        closed++
      }
    }
    return closed
  }
}

/** Corked once more than `gatherWrites` does: what is written stays in memory. */
function stopSocket(socket: Socket): void {
  socket.cork()
  socket.pause()
}

function isOfQueue(address: string, queueName: string): boolean {
  return parseEntityPath(address.replace(/\/\$management$/i, '')).name === queueName.toLowerCase()
}
