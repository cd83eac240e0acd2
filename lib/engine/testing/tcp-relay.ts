import net from 'node:net'

export type Relay = {
  port: number
  setTarget(port: number): void
  /** Ends every connection, and takes no further ones until it is mended. */
  cut(): void
  mend(): void
  /** Nothing goes through the connections that there are any more, and nobody is told; new ones work. */
  forget(): void
  close(): Promise<void>
}

/** A fixed address in front of a server whose port changes from start to start. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<net.Socket>()
  let target = targetPort
  const forgotten = new Set<net.Socket>()
  let isCut = false
  const server = net.createServer((inbound) => {
    if (isCut) return void inbound.destroy()
    const outbound = net.connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('data', (bytes) => forgotten.has(socket) || other.write(bytes))
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    setTarget: (port) => {
      target = port
    },
    cut: () => {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    mend: () => {
      isCut = false
    },
    forget: () => {
      for (const socket of sockets) forgotten.add(socket)
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
