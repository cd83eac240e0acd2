import { type AmqpError, wireError } from './amqp-error'
import type { Attach } from './attach'
import type { Broker } from './broker'
import type { LinkHandler } from './link-handler'
import type { AnyLink, ReceiverInternals, Terminus } from './rhea-private'
import { answerAttach } from './rhea-workarounds'

export function openLink({ connection, link, address }: Attach, handler: LinkHandler): void {
  connection.links.set(link, { address, handler })
  answerAttach(link)
}

/** Opens a link on which the broker receives, and lets the client send. */
export function openReceiver(request: Attach, link: ReceiverInternals, handler: LinkHandler, credit: number): void {
  link.set_credit_window(credit)
  openLink(request, handler)
  link.add_credit(credit)
}

/** Attach without a terminus, then detach with the error, in one write; never any credit. */
export function refuseLink(broker: Broker, link: AnyLink, error: AmqpError): void {
  link.local.attach.source = undefined
  link.local.attach.target = undefined
  answerAttach(link)
  const description = `${error.description} TrackingId:${broker.trackingId}, Timestamp:${new Date().toISOString()}`
  link.close(wireError({ condition: error.condition, description }))
}

/** The answer repeats what the client asked for, as the protocol guide shows it. */
export function echoTermini(link: AnyLink): void {
  const { source, target } = link.remote.attach ?? {}
  link.local.attach.source = described(source)
  link.local.attach.target = described(target)
  link.local.attach.snd_settle_mode = link.snd_settle_mode
  // What it receives the broker settles with its answer, also for a client that asks to settle second (Python).
  link.local.attach.rcv_settle_mode = link.is_receiver() ? 0 : link.rcv_settle_mode
}

function described(terminus: Terminus | undefined): unknown {
  return terminus?.described?.() ?? terminus
}

/** The entity's path: clients also write a leading `/` or a whole URI (Python). */
export function addressOf(link: AnyLink): string {
  const terminus = link.is_receiver() ? link.remote.attach?.target : link.remote.attach?.source
  return String(terminus?.address ?? '')
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/^\/+|\/+$/g, '')
}
