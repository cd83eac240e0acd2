import { constants } from 'node:fs'
import { chmod, open, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage, Server, type ServerResponse } from 'node:http'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { toNodeListener } from '@/lib/v1/node-bridge'
import { MAX_GATE_CONNECTIONS } from '../limits'
import { EgressRefused, type EgressRules, type Endpoint, formatEndpoint, parseEndpoint } from './egress'
import { Outgoing } from './outgoing'

export type GateOptions = {
  /** Folder for the sockets. */
  directory: string
  rules: EgressRules
  /** Answers plain requests, for a caller that is settled already; absent for builds. */
  api?: (request: Request) => Promise<Response>
  /** Endpoints for programs that know no proxy: one raw socket each, in this order. */
  tunnels: Endpoint[]
  /** One line for the log of whoever is running. */
  onRefused: (line: string) => void
}

/** The only ways out of one sandbox. */
export type Gate = { socketPath: string; tunnelPaths: string[]; close(): Promise<void> }

const HTTP_PORT = 80
/** 104 on macOS, 108 on Linux, with the closing zero. */
const MAX_SOCKET_PATH_BYTES = 100
/** A socket file that only its sandbox is shown may be open to every user. */
const SOCKET_MODE = 0o666

/**
 * Opens the ways out of one sandbox: a unix socket that serves the API (who asks is known from the socket), proxies
 * HTTP and answers CONNECT by the rules; and one socket for each tunnel.
 */
export async function openGate(options: GateOptions): Promise<Gate> {
  const outgoing = new Outgoing(options.rules)
  const sockets = new Set<Socket>()
  const servers: NetServer[] = []
  const listenOn = async (server: NetServer, name: string) => {
    server.maxConnections = MAX_GATE_CONNECTIONS
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    })
    servers.push(server)
    return listen(server, path.join(options.directory, name))
  }
  const socketPath = await listenOn(httpGate(options, outgoing), 'gate.sock')
  const tunnelPaths: string[] = []
  for (const [index, endpoint] of options.tunnels.entries()) {
    tunnelPaths.push(await listenOn(tunnelServer(endpoint, options, outgoing), `tunnel${index}.sock`))
  }
  return {
    socketPath,
    tunnelPaths,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

function httpGate(options: GateOptions, outgoing: Outgoing): Server {
  // No time limit on a request: an upload may take as long as the run that makes it.
  const server = new Server({ requestTimeout: 0 })
  const answerFromApi = options.api && toNodeListener(options.api)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (/^http:\/\//i.test(request.url ?? '')) void forward(request, response, options, outgoing)
    else if (answerFromApi) answerFromApi(request, response)
    else refuse(response, 403, 'There is no API here.')
  })
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    void tunnelConnect(request, { client, head }, options, outgoing)
  })
  return server
}

type Tunnel = { client: Duplex; head: Buffer }

async function tunnelConnect(
  request: IncomingMessage,
  { client, head }: Tunnel,
  options: GateOptions,
  outgoing: Outgoing,
) {
  client.on('error', () => client.destroy())
  const endpoint = parseEndpoint(request.url ?? '')
  try {
    if (!endpoint) throw new EgressRefused(`connection to ${request.url} refused: it is not host:port`)
    const upstream = await outgoing.connect(endpoint, client)
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length > 0) upstream.write(head)
    join(client, upstream)
  } catch (error) {
    const { status, text } = explain(error, request.url ?? '', options)
    client.end(`HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${text}\n`)
  }
}

/** A plain HTTP request by way of the proxy: over a connection that was checked. */
async function forward(request: IncomingMessage, response: ServerResponse, options: GateOptions, outgoing: Outgoing) {
  const url = URL.canParse(request.url ?? '') ? new URL(request.url as string) : undefined
  const endpoint = url && parseEndpoint(url.host, HTTP_PORT)
  if (!url || !endpoint) return refuse(response, 400, 'The address can not be read.')
  try {
    const socket = await outgoing.connect(endpoint, request.socket)
    const { 'proxy-connection': _, ...headers } = request.headers
    const upstream = httpRequest({
      createConnection: () => socket,
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, connection: 'close' },
    })
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    upstream.on('error', () => response.destroy())
    response.on('close', () => upstream.destroy())
    request.pipe(upstream)
  } catch (error) {
    const { text } = explain(error, formatEndpoint(endpoint), options)
    refuse(response, error instanceof EgressRefused ? 403 : 502, text)
  }
}

function tunnelServer(endpoint: Endpoint, options: GateOptions, outgoing: Outgoing): NetServer {
  return createServer({ pauseOnConnect: true }, (client) => {
    outgoing.connect(endpoint, client).then(
      (upstream) => join(client, upstream),
      (error) => {
        explain(error, formatEndpoint(endpoint), options)
        client.destroy()
      },
    )
  })
}

function join(client: Duplex, upstream: Socket): void {
  client.pipe(upstream)
  upstream.pipe(client)
  client.on('error', () => upstream.destroy())
  client.on('close', () => upstream.destroy())
  upstream.on('error', () => client.destroy())
  upstream.on('close', () => client.destroy())
}

function explain(error: unknown, target: string, options: GateOptions): { status: string; text: string } {
  const reason = error instanceof Error ? error.message : String(error)
  const isRefused = error instanceof EgressRefused
  const text = isRefused ? reason : `connection to ${target} failed: ${reason}`
  options.onRefused(text)
  return { status: isRefused ? '403 Forbidden' : '502 Bad Gateway', text }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
}

async function listen(server: NetServer, socketPath: string): Promise<string> {
  await rm(socketPath, { force: true })
  const folder = await open(path.dirname(socketPath), constants.O_RDONLY)
  try {
    // A socket's path is short by law of the kernel; by way of the folder's descriptor it always is.
    const isLong = Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES
    const short = isLong ? `/proc/self/fd/${folder.fd}/${path.basename(socketPath)}` : socketPath
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(short, resolve)
    })
  } finally {
    await folder.close()
  }
  await chmod(socketPath, SOCKET_MODE)
  return socketPath
}
