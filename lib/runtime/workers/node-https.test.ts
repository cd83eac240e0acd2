import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from '@/lib/emulator/conformance/clients/test-authority'
import { discoverEnvironments } from '@/lib/environments/discover'
import type { Invocation } from '../port'
import { startTestRuntime, type TestRuntime } from '../testing/test-runtime'

const FETCH = 'export const apply = async (url) => (await fetch(url + "/fetch")).text()'
const GET = `import { readFileSync } from "node:fs"
import https from "node:https"
export const apply = (url, done) => https.get(url + "/get", { ca: readFileSync("ca.pem") }, (response) => {
  let text = ""
  response.on("data", (chunk) => { text += chunk }).on("end", () => done(null, text))
}).on("error", done)`
const TRUSTING_FETCH = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"\n${FETCH}`

/** Name this machine for the gate; inside the sandbox neither leads anywhere. The second one has no server name. */
const OUTSIDE = [os.hostname().toLowerCase(), '0.0.0.0']

let folder: string
let authority: string
let server: Server
let test: TestRuntime
let interpreterPath: string
let port: number

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-https-'))
  const { caFile, certFile, keyFile } = makeAuthority(folder, OUTSIDE)
  authority = readFileSync(caFile, 'utf8')
  const credentials = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
  server = createServer(credentials, (request, response) => response.end(`secure ${request.url}`))
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  port = (server.address() as AddressInfo).port
  test = await startTestRuntime({ allowedEgress: OUTSIDE.map((host) => `${host}:${port}`) })
  const node = (await discoverEnvironments()).find(({ language }) => language === 'node')
  if (!node) throw new Error('these tests need a Node that a worker may execute')
  interpreterPath = node.interpreterPath
})
afterAll(async () => {
  await test.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

describe('a JavaScript algorithm that speaks TLS', () => {
  it('gets through the gate by node:https, with the certificate checked for the name or address, and by fetch', async () => {
    for (const host of OUTSIDE) {
      expect(textOf(await ask(GET, host)), host).toBe('secure /get')
      expect(textOf(await ask(TRUSTING_FETCH, host)), host).toBe('secure /fetch')
    }
  })

  it('refuses a server of an authority that it does not know', async () => {
    const refused = await ask(FETCH)
    expect(refused).toMatchObject({ ok: false, error: { kind: 'algorithm_error' } })
    expect(JSON.stringify(refused)).toMatch(/fetch failed|self.signed|unable to verify/)
  })
})

async function ask(code: string, host = OUTSIDE[0]): Promise<Invocation> {
  const files = { 'src/Echo.mjs': code, 'ca.pem': authority }
  const version = await test.addVersion(files, { language: 'node', interpreterPath })
  const bytes = Buffer.from(JSON.stringify(`https://${host}:${port}`))
  return test.runtime.invoke(version, { type: 'json', bytes }, { timeoutMs: 20_000 })
}

function textOf(invocation: Invocation): string {
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return invocation.result.bytes.toString('utf8')
}
