import net from 'node:net'

export type Relay = {
  port: number
  setTarget(port: number): void
  /** Ends every connection, and takes no further ones until it is mended. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** A fixed address in front of a server whose port changes from start to start. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<net.Socket>()
  let target = targetPort
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
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    inbound.pipe(outbound).pipe(inbound)
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
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
