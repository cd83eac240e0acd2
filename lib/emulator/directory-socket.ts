import { randomBytes } from 'node:crypto'
import { openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'

/** The socket of a broker that has the folder or asks for it. */
const SOCKET = /^broker\.[0-9a-f]+\.socket$/
/** A socket's address has room for 104 bytes on macOS and 108 on Linux, with the zero at its end. */
const MAX_ADDRESS_BYTES = 100
/** An owner that is stopped, by a debugger say, is connected to by the kernel but says nothing. */
const PATIENCE_MS = 5000

/**
 * What stands behind another's socket: nobody any more, or one who has the folder or may still get it. One that cuts the
 * connection without a word may be either: it gives way or dies, or has no room for connections.
 */
type Other = 'gone' | 'alive' | 'silent'

/**
 * Claims a folder for this process until it exits, by a socket in it to which the kernel connects as long as its owner
 * lives, from other containers too. False when another has it; true, without any claim, where there can be no sockets.
 *
 * Every broker has a socket of its own name, so that a dead one can be removed without a look at the living. It shows its
 * own before it looks for others: of two who start at the same moment at least one sees the other. The greater name
 * gives way, the smaller waits until the greater has given way, or says that it had looked before.
 */
export async function claimBySocket(directory: string): Promise<boolean> {
  const own = `broker.${randomBytes(8).toString('hex')}.socket`
  const addressOf = addressesIn(directory)
  const claim = await showSocket(directory, own, addressOf)
  if (!claim) return true
  for (const other of readdirSync(directory).filter((name) => SOCKET.test(name) && name !== own)) {
    if (!(await isGone(addressOf(other), other > own))) {
      claim.withdraw()
      return false
    }
    rmSync(join(directory, other), { force: true })
  }
  claim.hold()
  return true
}

/** On Linux through the open folder, so that the folder's own path may be longer than a socket's address. */
function addressesIn(directory: string): (name: string) => string {
  const place = process.platform === 'linux' ? `/proc/self/fd/${openSync(directory, 'r')}` : directory
  return (name) => join(place, name)
}

/** Undefined where there can be no socket. It gets its name once it answers: before, it would look like a dead one. */
async function showSocket(directory: string, name: string, addressOf: (name: string) => string) {
  const draft = `${name}.new`
  if (Buffer.byteLength(addressOf(draft)) > MAX_ADDRESS_BYTES) return undefined
  const asking = new Set<Socket>()
  let isHeld = false
  const server = createServer((socket) => {
    socket.on('error', () => {})
    if (isHeld) return tellHeld(socket)
    asking.add(socket)
    socket.once('close', () => asking.delete(socket))
  })
  if (!(await listen(server, addressOf(draft)))) return undefined
  renameSync(join(directory, draft), join(directory, name))
  const remove = () => rmSync(join(directory, name), { force: true })
  process.once('exit', remove)
  return {
    hold() {
      isHeld = true
      for (const socket of asking) tellHeld(socket)
    },
    withdraw() {
      process.off('exit', remove)
      remove()
      server.close()
      for (const socket of asking) socket.destroy()
    },
  }
}

function tellHeld(socket: Socket): void {
  socket.end('held')
}

function listen(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Stays: what goes wrong with one who asks later must not end the broker.
    server.on('error', () => resolve(false))
    server.listen(address, () => resolve(true))
    server.unref()
  })
}

/** With `untilDecided` the answer waits until the other has the folder or is gone. */
async function isGone(address: string, untilDecided: boolean): Promise<boolean> {
  const lastTryMs = performance.now() + PATIENCE_MS
  let other: Other
  do other = await ask(address, untilDecided)
  while (other === 'silent' && performance.now() < lastTryMs)
  return other === 'gone'
}

function ask(address: string, untilDecided: boolean): Promise<Other> {
  return new Promise((resolve) => {
    const answer = (other: Other) => {
      socket.destroy()
      resolve(other)
    }
    const socket = connect(address, () => {
      if (!untilDecided) answer('alive')
    })
    socket.setTimeout(PATIENCE_MS, () => answer('alive'))
    socket.once('data', () => answer('alive'))
    socket.once('end', () => answer('silent'))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') answer('gone')
      // Any other code (no right to connect, too many wait for an answer) says that there is somebody.
      else answer(code === 'ECONNRESET' || code === 'EPIPE' ? 'silent' : 'alive')
    })
  })
}
