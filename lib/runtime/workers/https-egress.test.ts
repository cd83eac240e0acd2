import { lookup } from 'node:dns/promises'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discoverEnvironments } from '@/lib/environments/discover'
import { makeAuthority } from '@/lib/testing/test-authority'
import type { RunnableVersion } from '../port'
import { startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** Names this machine from outside: its address is private, so only the administrator's allow-list opens it. */
const OUTSIDE = os.hostname().toLowerCase()
const INSTALL_TIMEOUT_MS = 180_000
/** Where the algorithm finds the authority's certificate: it lies beside its source. */
const CA_INSIDE = '/opt/algorithm/src/ca.pem'

let folder: string
let ca: string
let server: Server
let url: string
let test: TestRuntime
let node: string

beforeAll(async () => {
  folder = mkdtempSync(`${os.tmpdir()}/headrace-https-`)
  const { address } = await lookup(OUTSIDE)
  const { caFile, certFile, keyFile } = makeAuthority(folder, [address, OUTSIDE])
  ca = readFileSync(caFile, 'utf8')
  server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) =>
    request.pipe(response.writeHead(200, { 'x-seen': `${request.method} ${request.url}` })),
  )
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  url = `https://${OUTSIDE}:${port}/path`
  test = await startTestRuntime({ policy: { egressAllowList: [`${OUTSIDE}:${port}`] } })
  node = (await discoverEnvironments()).find(({ language }) => language === 'node')?.interpreterPath ?? ''
  if (!node) throw new Error('these tests need a Node that a worker may execute')
})
afterAll(async () => {
  await test.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

async function call(files: Record<string, string>, changes: Partial<RunnableVersion>) {
  const version = await test.addVersion({ ...files, 'src/ca.pem': ca }, changes)
  const input = { type: 'json' as const, bytes: Buffer.from(JSON.stringify(url)) }
  const invocation = await test.runtime.invoke(version, input, { timeoutMs: 20_000 })
  return invocation.ok
    ? JSON.parse(invocation.result.bytes.toString())
    : `${invocation.error.message} ${invocation.error.stackTrace ?? ''} ${invocation.stderr}`
}

const withSecret = (name: string) => ({ readSecrets: async () => ({ [name]: CA_INSIDE }) })
const ANSWER = ['POST /path', 'sent']

describe('HTTPS from a JavaScript algorithm', () => {
  const run = (code: string, changes: Partial<RunnableVersion> = {}) =>
    call({ 'src/Echo.mjs': code }, { language: 'node', interpreterPath: node, ...changes })
  const byFetch = `export const apply = async (url) => {
    try {
      const response = await fetch(url, { method: 'POST', body: 'sent' })
      return [response.headers.get('x-seen'), await response.text()]
    } catch (error) {
      throw error.cause ?? error
    }
  }`
  const byRequest = (options: string) => `import https from 'node:https'
    import { readFileSync } from 'node:fs'
    const ca = readFileSync('src/ca.pem')
    export const apply = (url, done) => https.request(url, { method: 'POST', ${options} }, (response) => {
      let text = ''
      response.on('data', (chunk) => { text += chunk }).on('end', () => done(null, [response.headers['x-seen'], text]))
    }).on('error', done).end('sent')`

  it('gets through by fetch', async () => {
    expect(await run(byFetch, withSecret('NODE_EXTRA_CA_CERTS'))).toEqual(ANSWER)
  })

  it('gets through by https.request, with the usual agent and with one of its own', async () => {
    expect(await run(byRequest('ca'))).toEqual(ANSWER)
    expect(await run(byRequest('agent: new https.Agent({ ca, keepAlive: true })'))).toEqual(ANSWER)
    expect(await run(byRequest('ca, agent: false'))).toEqual(ANSWER)
  })

  it('checks certificates as it would without the proxy', async () => {
    expect(await run(byFetch)).toMatch(/unable to (get local issuer|verify the first) certificate/i)
    expect(await run(byRequest(''))).toMatch(/unable to (get local issuer|verify the first) certificate/i)
    expect(await run(byRequest('ca, servername: "other.example"'))).toMatch(/does not match|altnames/i)
  })

  it('is refused where the allow-list does not name the port', async () => {
    const code = byFetch.replace('fetch(url,', 'fetch(url.replace(/:[0-9]+/, ":8443"),')
    expect(await run(code, withSecret('NODE_EXTRA_CA_CERTS'))).toContain('private or local address')
  })
})

describe('HTTPS from a Python algorithm', () => {
  it('gets through by urllib, and checks certificates', async () => {
    const code = `import urllib.request

def apply(url):
    with urllib.request.urlopen(urllib.request.Request(url, data=b"sent")) as response:
        return [response.headers["x-seen"], response.read().decode()]
`
    expect(await call({ 'src/Echo.py': code }, withSecret('SSL_CERT_FILE'))).toEqual(ANSWER)
    expect(await call({ 'src/Echo.py': code }, {})).toContain('CERTIFICATE_VERIFY_FAILED')
  })

  it('gets through by requests', { timeout: INSTALL_TIMEOUT_MS }, async () => {
    const code = `import requests

def apply(url):
    response = requests.post(url, data="sent")
    return [response.headers["x-seen"], response.text]
`
    const files = { 'src/Echo.py': code, 'requirements.txt': 'requests>=2.31,<3\n' }
    const built = await test.builder.build(
      {
        ...{ algorithmId: 'a', algorithmName: 'ezra/Echo', commitSha: 'c'.repeat(40), language: 'python' },
        interpreterPath: test.interpreterPath,
        files: new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
      },
      () => {},
    )
    expect(built).toMatchObject({ ok: true })
    const environmentKey = built.ok ? built.environmentKey : null
    const changes = { environmentKey, ...withSecret('REQUESTS_CA_BUNDLE') }
    expect(await call(files, changes)).toEqual(ANSWER)
  })
})
