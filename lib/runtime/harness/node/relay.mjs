/**
 * Loopback ports inside the sandbox, each led to a unix socket that the server listens on. In a thread of its own: an
 * algorithm that waits for a program it started holds its own thread, and that program may need the network. The thread
 * costs half of a worker's start, and most algorithms never reach out: it is started when they first could.
 */
import { Worker } from 'node:worker_threads'
import { beforeFirstUse } from './before-use.mjs'

const ADDRESS_VARIABLES = ['ALGORITHMIA_API', 'HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']
const START_LIMIT_MS = 30_000

/**
 * Listens on what HEADRACE_RELAY names, `host:port=socket,…`, as soon as that is needed. The first address is told to
 * this process's environment, and is listened on at once, when its port was any (0), or when `tells` asks for it.
 */
export async function startRelay(tells = false) {
  const routes = (process.env.HEADRACE_RELAY ?? '').split(',').filter(Boolean).map(parseRoute)
  delete process.env.HEADRACE_RELAY
  if (routes.length === 0) return
  if (routes[0].port !== 0 && !tells) return beforeFirstUse(() => startAndWait(routes))
  const { thread } = startThread(routes)
  const [port] = await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject))
  for (const variable of ADDRESS_VARIABLES) process.env[variable] = `http://${routes[0].host}:${port}`
}

/** Holds the thread that asks for it: what it does next may not come back before it is over. */
function startAndWait(routes) {
  const { thread, listening } = startThread(routes)
  thread.on('error', () => {}) // said here
  Atomics.wait(listening, 0, 0, START_LIMIT_MS)
  if (listening[0] !== 1) throw new Error('The relay to the network could not be started.')
}

/** `listening` becomes 1 when it does, -1 when it can not. */
function startThread(routes) {
  const listening = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const thread = new Worker(new URL('relay-thread.cjs', import.meta.url), { workerData: { routes, listening } })
  thread.unref()
  return { thread, listening }
}

function parseRoute(text) {
  const [listen, socketPath] = text.split('=', 2)
  const at = listen.lastIndexOf(':')
  return { host: listen.slice(0, at), port: Number(listen.slice(at + 1)), socketPath }
}
