/**
 * Loopback ports inside the sandbox, each led to a unix socket that the server listens on. In a thread of its own: an
 * algorithm that waits for a program it started holds its own thread, and that program may need the network.
 */
import { Worker } from 'node:worker_threads'

const ADDRESS_VARIABLES = ['ALGORITHMIA_API', 'HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']

/**
 * Listens on what HEADRACE_RELAY names: `host:port=socket,…`. The first address is told to this process's environment
 * when its port was any (0), or when `tells` asks for it.
 */
export async function startRelay(tells = false) {
  const routes = (process.env.HEADRACE_RELAY ?? '').split(',').filter(Boolean).map(parseRoute)
  delete process.env.HEADRACE_RELAY
  if (routes.length === 0) return
  const thread = new Worker(new URL('relay-thread.cjs', import.meta.url), { workerData: { routes } })
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
