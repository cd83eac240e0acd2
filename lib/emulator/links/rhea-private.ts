import type { Socket } from 'node:net'
import type { Connection, Delivery, Receiver, Sender, Session } from 'rhea'
import type { ProvenRights } from './sasl'
import type { SentDeliveries } from './sent-deliveries'

/**
 * The inner parts of rhea 3.0.5 that the broker relies on (its typings leave them out). They are pinned by the exact
 * version in package.json and by the tests of `rhea-workarounds.ts`.
 */
export type LinkInternals = {
  local: {
    attach: {
      source: unknown
      target: unknown
      properties: unknown
      snd_settle_mode: unknown
      rcv_settle_mode: unknown
      max_message_size: unknown
    }
  }
  remote: { attach?: { source?: Terminus; target?: Terminus; [field: string]: unknown } }
  delivery_count: number
  credit: number
}

export type Terminus = { address?: string; filter?: Record<string, unknown>; described?(): unknown }

export type SenderInternals = Sender & LinkInternals & { _draining: boolean; _drained: boolean; _get_drain(): boolean }

export type ReceiverInternals = Receiver & LinkInternals & { _incomplete?: IncompleteDelivery }

export type AnyLink = (Sender | Receiver) & LinkInternals

export type IncompleteDelivery = { frames: (Buffer | undefined)[] }

export type TransferFrame = { performative: { message_format?: number | null }; payload?: Buffer }

/** Delivery ids of a disposition; `last` is left out when it is the first. */
export type DispositionRange = { first: number; last?: number | null; settled?: boolean }

type DispositionSide = { on_disposition(range: DispositionRange): void }

export type SessionInternals = Session & {
  create_sender(name: string, options?: unknown): SenderInternals
  create_receiver(name: string, options?: unknown): ReceiverInternals
  incoming: DispositionSide &
    Settler & { on_transfer(frame: TransferFrame, receiver: ReceiverInternals): void; updated: Settling[] }
  outgoing: Outgoing
  output(frame: unknown): void
}

export type Outgoing = DispositionSide &
  Settler & {
    available(): number
    pending_dispositions: Settling[]
    deliveries: SentDeliveries
    /** Ids below this are given to deliveries. */
    next_delivery_id: number
    /** Ids below this are written. */
    next_pending_delivery: number
  }

type Settler = { update(...args: unknown[]): void }

/** A delivery whose disposition is not written yet. */
export type Settling = { id: number; settled: unknown; state?: { descriptor?: { value: unknown } }; link: unknown }

export type ConnectionInternals = Connection & {
  socket: Socket
  accept(socket: Socket): Connection
  input(data: Buffer): void
  /** Takes whole frames, or a protocol header, from the start of what it gets; returns how many bytes it took. */
  transport: { read(bytes: Buffer, connection: ConnectionInternals): number }
  frame_size?: number
  sasl_transport?: { selected?: { mechanism?: { proven?: ProvenRights[] } } }
  _register(): void
}

export type DeliveryInternals = { -readonly [K in keyof Delivery]: Delivery[K] }

/** A delivery that goes to a client, with its bytes; `whenWritten` is the broker's own. */
export type SentDelivery = DeliveryInternals & { data?: Buffer[]; whenWritten?: () => void }
