import type { Faults } from '../faults'
import type { Namespace } from '../namespace'

/** Limits that keep one client from using up the process. */
export type Limits = {
  maxMessageBytes: number
  maxFrameBytes: number
  maxLinksPerConnection: number
  maxConnections: number
  /** Deliveries and answers stop while a connection has more than this unread. */
  maxUnreadBytes: number
  /** A client that has not said by then what it wants is cut off: first byte, TLS handshake, AMQP open, HTTP request. */
  maxOpeningMs: number
  /** An open connection from which nothing comes for so long, not even an empty frame, is closed. */
  maxSilenceMs: number
}

export const DEFAULT_LIMITS: Limits = {
  maxMessageBytes: 1024 * 1024,
  maxFrameBytes: 64 * 1024,
  maxLinksPerConnection: 5000,
  maxConnections: 5000,
  maxUnreadBytes: 8 * 1024 * 1024,
  maxOpeningMs: 30_000,
  maxSilenceMs: 480_000,
}

/** What every part of the AMQP side needs. */
export type Broker = {
  namespace: Namespace
  limits: Limits
  faults: Faults
  /** Names this process in error texts, as the service's TrackingId does. */
  trackingId: string
  log(message: string): void
}
