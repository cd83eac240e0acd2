/** The thread of relay.mjs. As CommonJS, because to load the other loader once more would take as long as the rest. */
const { connect, createServer } = require('node:net')
const { parentPort, workerData } = require('node:worker_threads')

const ports = workerData.routes.map(({ host, port, socketPath }) => listen(host, port, socketPath))
Promise.all(ports).then(
  (all) => {
    say(1)
    parentPort.postMessage(all)
  },
  (error) => {
    say(-1)
    throw error
  },
)

function say(state) {
  Atomics.store(workerData.listening, 0, state)
  Atomics.notify(workerData.listening, 0)
}

function listen(host, port, socketPath) {
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ path: socketPath, allowHalfOpen: true })
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ]) {
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => one.destroyed && one.errored && other.destroy())
    }
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server.address().port))
  })
}
