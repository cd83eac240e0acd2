/**
 * What rhea does alone: a peer that keeps in one array what it is sent to `queue`, sends that out as credit allows, and
 * drops what it is sent to `sink`. No tokens, no locks, no disk. Prints its port when it listens.
 */
import rhea from 'rhea'

const CREDIT = 1000

const container = rhea.create_container({ id: 'bare' })
container.sasl_server_mechanisms.enable_anonymous()

const kept = []
let next = 0
const receivers = new Set()

function stream() {
  for (const sender of receivers) {
    while (next < kept.length && sender.sendable()) {
      sender.send(kept[next])
      kept[next++] = undefined
    }
  }
  if (next < kept.length) return
  kept.length = 0
  next = 0
}

container.on('message', ({ message, receiver }) => {
  if (receiver.target.address !== 'queue') return
  kept.push(message)
  stream()
})
container.on('receiver_open', ({ receiver }) => receiver.set_credit_window(CREDIT))
container.on('sender_open', ({ sender }) => {
  if (sender.source.address !== 'queue') return
  // rhea answers an attach with its own mode: without this, what the client wants settled would wait for its word.
  sender.local.attach.snd_settle_mode = sender.snd_settle_mode
  receivers.add(sender)
  stream()
})
container.on('sendable', stream)
container.on('sender_close', ({ sender }) => receivers.delete(sender))
for (const event of ['connection_close', 'disconnected']) {
  container.on(event, ({ connection }) => {
    for (const sender of receivers) if (sender.connection === connection) receivers.delete(sender)
  })
}
for (const event of ['connection_error', 'session_error', 'error']) container.on(event, () => {})

const server = container.listen({ port: 0, host: '127.0.0.1' })
server.on('connection', (socket) => socket.setNoDelay(true))
server.on('listening', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`))
process.on('disconnect', () => process.exit(0))
