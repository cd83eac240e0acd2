/**
 * Leads `fetch` and the agents of node:http and node:https through the gate's proxy. Node 20 takes no proxy from its
 * environment, and later ones only when told to. Nothing is loaded before it is needed: most algorithms never reach
 * out, and each of these modules costs a worker's start more than the rest of it.
 */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1')
const LOOPBACK = /^(127\.|localhost$|\[?::1\]?$)/

let areAgentsSet = false

/** Before the algorithm is loaded: its first `fetch` finds the proxy. */
export function leadFetch() {
  if (!needsLeading()) return
  const original = globalThis.fetch
  globalThis.fetch = async function fetch(...args) {
    if (globalThis.fetch === fetch) globalThis.fetch = original
    await setDispatcher()
    return original(...args)
  }
}

/** Once the algorithm has loaded node:http or node:https, say by axios: requests with any agent find the proxy. */
export async function leadAgents() {
  if (areAgentsSet || !needsLeading() || !process.moduleLoadList.includes('NativeModule _http_agent')) return
  areAgentsSet = true
  const [{ default: http }, { default: https }] = await Promise.all([import('node:http'), import('node:https')])
  const connect = await makeConnect()
  for (const [module, protocol] of [
    [http, 'http:'],
    [https, 'https:'],
  ]) {
    const direct = module.Agent.prototype.createConnection
    module.Agent.prototype.createConnection = function createConnection(options, done) {
      const hostname = options.host ?? 'localhost'
      if (options.socketPath || LOOPBACK.test(hostname)) return direct.call(this, options, done)
      connect({ ...options, protocol, hostname, servername: options.servername || hostname }, done)
    }
  }
}

function needsLeading() {
  return Boolean(process.env.HTTPS_PROXY)
}

async function setDispatcher() {
  void globalThis.Headers // makes sure that Node has set its own dispatcher
  const current = globalThis[DISPATCHER]
  if (!current || current.isLed) return
  const led = new current.constructor({ connect: await makeConnect() })
  led.isLed = true
  globalThis[DISPATCHER] = led
}

/** Connects as undici's connectors do; what is not loopback goes through a tunnel of the proxy. */
async function makeConnect() {
  const [{ default: http }, { default: net }, { default: tls }] = await Promise.all(
    ['node:http', 'node:net', 'node:tls'].map((name) => import(name)),
  )
  const proxy = new URL(process.env.HTTPS_PROXY)
  return ({ hostname, port, protocol, servername, ...rest }, done) => {
    const isTls = protocol === 'https:'
    const toPort = Number(port) || (isTls ? 443 : 80)
    const host = hostname.replace(/^\[|\]$/g, '')
    if (LOOPBACK.test(hostname)) {
      if (!isTls) return start(net.connect({ host, port: toPort }), 'connect', done)
      return start(tls.connect({ ...rest, host, port: toPort }), 'secureConnect', done)
    }
    const tunnel = http.request({
      host: proxy.hostname,
      port: proxy.port,
      method: 'CONNECT',
      path: `${host.includes(':') ? `[${host}]` : host}:${toPort}`,
      agent: false,
    })
    tunnel.once('error', (error) => done(error, null))
    tunnel.once('response', (response) => refuse(response, done))
    tunnel.once('connect', (response, socket) => {
      if (response.statusCode !== 200) return refuse(response, done, socket)
      if (!isTls) return done(null, socket)
      const name = net.isIP(host) ? '' : servername || host
      const { ca, cert, key, rejectUnauthorized } = rest
      // `host` is what the certificate is checked against where there is no server name: for addresses.
      const options = { socket, host, servername: name, ALPNProtocols: ['http/1.1'] }
      const given = Object.entries({ ca, cert, key, rejectUnauthorized }).filter(([, value]) => value !== undefined)
      start(tls.connect({ ...options, ...Object.fromEntries(given) }), 'secureConnect', done)
    })
    tunnel.end()
  }
}

function start(socket, event, done) {
  const onError = (error) => done(error, null)
  socket.once('error', onError)
  socket.once(event, () => {
    socket.off('error', onError)
    done(null, socket)
  })
}

function refuse(response, done, socket) {
  socket?.destroy()
  done(new Error(`The connection was refused (${response.statusCode}); the log says why.`), null)
}
