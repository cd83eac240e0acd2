import net from 'node:net'

/** A fixed address in front of a server whose port changes from start to start. */
export async function startRelay(
  targetPort: number,
): Promise<{ port: number; setTarget(port: number): void; close(): Promise<void> }> {
  const sockets = new Set<net.Socket>()
  let target = targetPort
  const server = net.createServer((inbound) => {
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
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
