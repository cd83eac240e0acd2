/**
 * Loopback ports inside the sandbox, each led to a unix socket that the server listens on. In a thread of its own: an
 * algorithm that waits for a program it started holds its own thread, and that program may need the network.
 */
import { connect, createServer } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const ADDRESS_VARIABLES = ['ALGORITHMIA_API', 'HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']

/**
 * Listens on what HEADRACE_RELAY names: `host:port=socket,…`. The first address is told to this process's environment
 * when its port was any (0), or when `tells` asks for it.
 */
export async function startRelay(tells = false) {
  const routes = (process.env.HEADRACE_RELAY ?? '').split(',').filter(Boolean).map(parseRoute)
  delete process.env.HEADRACE_RELAY
  if (routes.length === 0) return
  const thread = new Worker(new URL(import.meta.url), { workerData: { routes } })
  thread.unref()
  const [port] = await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject))
  if (routes[0].port !== 0 && !tells) return
  for (const variable of ADDRESS_VARIABLES) process.env[variable] = `http://${routes[0].host}:${port}`
}

function parseRoute(text) {
  const [listen, socketPath] = text.split('=', 2)
  const at = listen.lastIndexOf(':')
  return { host: listen.slice(0, at), port: Number(listen.slice(at + 1)), socketPath }
}

if (!isMainThread && workerData?.routes) {
  const ports = workerData.routes.map(({ host, port, socketPath }) => listen(host, port, socketPath))
  parentPort.postMessage(await Promise.all(ports))
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
