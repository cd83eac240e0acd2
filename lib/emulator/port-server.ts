import { createServer, type Server, type Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'

const TLS_HANDSHAKE = 0x16
const AMQP_HEADER = 'A'.charCodeAt(0)

export type PortHandlers = {
  amqp(socket: Socket): void
  http(socket: Socket): void
  /** Undefined: TLS is not served. */
  secureContext: SecureContext | undefined
  maxConnections: number
  /** For the first byte, and for a TLS handshake. */
  maxOpeningMs: number
}

/**
 * One TCP port for AMQP, HTTP and TLS in front of either, told apart by the first byte, so that one connection string
 * serves the data client and the administration client.
 */
export class PortServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(private readonly handlers: PortHandlers) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      this.#route(socket)
    })
    this.#server.maxConnections = handlers.maxConnections
  }

  get sockets(): ReadonlySet<Socket> {
    return this.#sockets
  }

  /** Resolves with the port; rejects when it is taken. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve((this.#server.address() as { port: number }).port)
      })
    })
  }

  /** Stops listening; sockets that are open stay until `destroyAll`. */
  stopListening(): void {
    this.#server.close()
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #route(socket: Socket): void {
    // A reset by the peer is not the broker's end.
    socket.on('error', () => socket.destroy())
    socket.setTimeout(this.handlers.maxOpeningMs, () => socket.destroy())
    socket.once('data', (chunk: Buffer) => {
      socket.setTimeout(0)
      socket.removeAllListeners('timeout')
      socket.pause()
      socket.unshift(chunk)
      this.#hand(socket, chunk[0] ?? 0)
    })
  }

  #hand(socket: Socket, firstByte: number): void {
    if (firstByte === AMQP_HEADER) {
      // Resumed first: the handler may want it to stay paused. Nothing is read before this turn is over.
      socket.resume()
      this.handlers.amqp(socket)
    } else if (firstByte === TLS_HANDSHAKE && this.handlers.secureContext && !(socket instanceof TLSSocket)) {
      this.#route(new TLSSocket(socket, { isServer: true, secureContext: this.handlers.secureContext }))
    } else if (firstByte > AMQP_HEADER && firstByte <= 'Z'.charCodeAt(0)) {
      this.handlers.http(socket)
      socket.resume()
    } else socket.destroy()
  }
}
