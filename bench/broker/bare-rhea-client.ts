import rhea, { type Connection, type Receiver, type Sender } from 'rhea'

/** As many as rhea lets wait without an answer, with room to spare. */
const MAX_UNSETTLED = 900
/** rhea's own client options that its typings leave out. */
type Socketed = Connection & { socket: { setNoDelay(on: boolean): void } }

/** A connection of rhea alone, without tokens; small frames leave at once. */
export function connectBare(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = rhea.create_container().connect({ host: '127.0.0.1', port, username: 'bench', reconnect: false })
    connection.once('connection_open', () => {
      ;(connection as Socketed).socket.setNoDelay(true)
      resolve(connection)
    })
    connection.once('disconnected', ({ error }) => reject(error ?? new Error('the bare server is gone')))
  })
}

export function openBareSender(connection: Connection, target: string): Promise<Sender> {
  const sender = connection.open_sender(target)
  return new Promise((resolve) => sender.once('sendable', () => resolve(sender)))
}

/** Sends `count` times what `make` gives, with at most `inFlight` unanswered; resolves with the last answer. */
export function sendBare(
  sender: Sender,
  count: number,
  inFlight: number,
  make: (index: number) => Transfer,
): Promise<void> {
  const limit = Math.min(inFlight, MAX_UNSETTLED)
  return new Promise((resolve) => {
    let sent = 0
    let accepted = 0
    const send = () => {
      while (sent < count && sent - accepted < limit && sender.sendable()) {
        const { message, format } = make(sent++)
        sender.send(message as never, undefined, format)
      }
    }
    const onAccepted = () => {
      if (++accepted < count) return send()
      sender.removeListener('accepted', onAccepted)
      sender.removeListener('sendable', send)
      resolve()
    }
    sender.on('accepted', onAccepted)
    sender.on('sendable', send)
    send()
  })
}

export type Transfer = { message: unknown; format?: number }

export type BareReceive = { source: string; credit: number; preSettled?: boolean }

/** Receives `count` messages, each accepted as it comes (or settled by the sender), with `credit` at a time. */
export function receiveBare(
  connection: Connection,
  count: number,
  { source, credit, preSettled }: BareReceive,
): Promise<void> {
  return new Promise((resolve) => {
    let received = 0
    const receiver: Receiver = connection.open_receiver({
      source,
      credit_window: credit,
      autoaccept: !preSettled,
      snd_settle_mode: preSettled ? 1 : 0,
    })
    receiver.on('message', ({ delivery }) => {
      // rhea forgets a delivery only when both sides called it settled, and takes 2,048 at most.
      if (preSettled) (delivery as { settled: boolean }).settled = true
      if (++received < count) return
      receiver.close()
      resolve()
    })
  })
}
