import type { Socket } from 'node:net'
import type { Sender } from 'rhea'
import type {
  AnyLink,
  ConnectionInternals,
  ReceiverInternals,
  SenderInternals,
  SessionInternals,
  Settling,
} from './rhea-private'

/** What rhea would do of its own accord for a client, and a broker has to decide. */
export const BROKER_OPTIONS = {
  // An abandon or a defer would be told as a release, first.
  treat_modified_as_released: false,
  // A message would be accepted before it is on disk, and each link get credit for 1,000 whatever it is for.
  receiver_options: { autoaccept: false, credit_window: 0 },
}

/** A message format of our own: rhea hands over payloads of any format but 0 undecoded. */
const RAW_FORMAT = 0x7ffffff0

const EMPTY = Buffer.alloc(0)

/**
 * rhea answers an attach before anyone was asked. The answer is held until `answerAttach`, so that it can be a refusal
 * or wait for a free session.
 */
export function holdAttachAnswers(session: SessionInternals): void {
  const createSender = session.create_sender.bind(session)
  const createReceiver = session.create_receiver.bind(session)
  const hold = <Link extends AnyLink>(link: Link): Link => {
    link.open = () => {}
    return link
  }
  session.create_sender = (name, options) => hold(createSender(name, options))
  session.create_receiver = (name, options) => hold(createReceiver(name, options))
}

export function answerAttach(link: AnyLink): void {
  // Removes the instance's own `open`; rhea's is on the prototype.
  Reflect.deleteProperty(link, 'open')
  link.open()
}

/** A client that leaves while its attach is held gets both answers; rhea would send none. */
export function answerIfHeld(link: AnyLink): void {
  if (Object.hasOwn(link, 'open')) answerAttach(link)
}

/** Receivers whose payloads must stay as sent, with the size that they may reach. */
const rawReceivers = new WeakMap<object, RawPayload>()

type RawPayload = { maxBytes: number; receivedBytes: number }

/**
 * rhea decodes messages of format 0 and loses the types of integers and uuids; marking the transfer keeps the payload
 * raw. It also gathers the frames of one delivery without bound, on a refused link too: beyond the limit they are counted
 * but not kept, and a message on a link that never had credit ends the connection.
 */
export function keepPayloadsRaw(session: SessionInternals): void {
  const { incoming } = session
  const onTransfer = incoming.on_transfer.bind(incoming)
  incoming.on_transfer = (frame, receiver) => {
    const raw = rawReceivers.get(receiver)
    if (!raw) throw new Error('a message came on a link that was not opened')
    if (!receiver._incomplete) raw.receivedBytes = 0
    raw.receivedBytes += frame.payload?.length ?? 0
    if (raw.receivedBytes > raw.maxBytes) {
      frame.payload = EMPTY
      if (receiver._incomplete) receiver._incomplete.frames = [EMPTY]
    }
    const { performative } = frame
    if (!receiver._incomplete && !performative.message_format) performative.message_format = RAW_FORMAT
    onTransfer(frame, receiver)
  }
}

export function takeRawPayloads(receiver: ReceiverInternals, maxBytes: number): void {
  rawReceivers.set(receiver, { maxBytes, receivedBytes: 0 })
}

/** The size of the delivery that was just completed, also when it was too large to keep. */
export function receivedBytes(receiver: ReceiverInternals): number {
  return rawReceivers.get(receiver)?.receivedBytes ?? 0
}

const ACCEPTED = 0x24

/** Stands between two deliveries so that they are told of in two frames; is itself told to nobody. */
const SEPARATOR: Settling = {
  id: -1,
  settled: 'a separator',
  link: { is_receiver: () => true, session: { output: () => {} } },
}

/**
 * rhea tells of neighbouring deliveries in one frame, and gives the second one the outcome of the first, whatever its own
 * is: a refusal beside an acceptance became an acceptance, and the other way round. Only acceptances go together.
 */
export function settleApart({ incoming, outgoing }: SessionInternals): void {
  separate(incoming, () => incoming.updated)
  separate(outgoing, () => outgoing.pending_dispositions)
}

function separate(settler: { update(...args: unknown[]): void }, unwritten: () => Settling[]): void {
  const update = settler.update.bind(settler)
  settler.update = (...args) => {
    const before = unwritten().length
    update(...args)
    const [former, latter] = before > 0 ? unwritten().slice(before - 1) : []
    if (former && latter && !(isAccepted(former) && isAccepted(latter))) unwritten().splice(before, 0, SEPARATOR)
  }
}

const isAccepted = ({ state }: Settling): boolean => state?.descriptor?.value === ACCEPTED

/**
 * rhea takes credit off a link only when it writes the frame, so within one turn a link seems to have all its credit
 * still, and it never acknowledges a drain when the credit is 0 already (the client then waits 200 ms and closes).
 */
export class CreditLedger {
  #sent = 0
  #drained = 0
  /** Sizes of what was sent, oldest first; those that were written are dropped when someone asks. */
  #sizes: number[] = []

  constructor(private readonly link: SenderInternals) {
    const ledger = this
    link._get_drain = function (this: SenderInternals): boolean {
      if (!this._draining || !this._drained) return false
      ledger.#drained += this.credit
      this.delivery_count += this.credit
      this.credit = 0
      this._draining = false
      return true
    }
  }

  /** Sent but not written yet. */
  get pending(): number {
    return this.#sent + this.#drained - this.link.delivery_count
  }

  /** How many messages the link takes now. */
  get available(): number {
    const session = this.link.session as SessionInternals
    return Math.min(this.link.credit - this.pending, session.outgoing.available())
  }

  /** Bytes that were sent but wait for the client's session window. */
  get pendingBytes(): number {
    this.#sizes.splice(0, Math.max(0, this.#sizes.length - this.pending))
    return this.#sizes.reduce((sum, size) => sum + size, 0)
  }

  countSent(bytes: number): void {
    this.#sent++
    this.#sizes.push(bytes)
  }

  acknowledgeDrain(): void {
    this.link.set_drained(true)
    ;(this.link.connection as ConnectionInternals)._register()
  }
}

/** No more than 2,048 deliveries of a session wait to be written: a client that takes nothing may not end the broker. */
export function canSend(link: Sender): boolean {
  return link.is_open() && (link.session as SessionInternals).outgoing.available() > 0
}

/** rhea writes one frame a `write`: the frames of one turn are gathered into one system call. */
export function gatherWrites(socket: Socket): void {
  let gathering = false
  const write = socket.write
  socket.write = function (this: Socket, ...args: Parameters<typeof write>) {
    if (!gathering) {
      gathering = true
      socket.cork()
      process.nextTick(() => {
        gathering = false
        socket.uncork()
      })
    }
    return write.apply(this, args)
  } as typeof write
}

/** An empty AMQP frame: allowed at any time once the connection is open. */
const HEARTBEAT = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0])

/**
 * rhea leaves Nagle's algorithm on at the client: its second small frame waits for our acknowledgement, which the kernel
 * delays by 40 ms unless something is written. An empty frame carries it whenever input brought no answer. Returns the
 * switch that allows it, to be called when the connection is open.
 */
export function acknowledgeAtOnce(socket: Socket): () => void {
  let isOpen = false
  let isDue = false
  socket.on('data', () => {
    if (isDue) return
    isDue = true
    // Counted from here: what left before this input came carries no acknowledgement of it.
    const bytesBefore = socket.bytesWritten
    setImmediate(() => {
      isDue = false
      if (isOpen && socket.writable && socket.bytesWritten === bytesBefore) socket.write(HEARTBEAT)
    })
  })
  return () => {
    isOpen = true
  }
}
