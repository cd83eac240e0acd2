import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createProxy, type Server } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { makeAuthority } from '@/lib/testing/test-authority'
import { callJson, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** A package index of a company's own: HTTPS with its own authority, a password, a second index, behind a proxy. */
const PASSWORD = 'Sesame0penUp'
const WHEEL = `
import sys, zipfile
name, folder = sys.argv[1:]
info = name + "-1.0.dist-info/"
with zipfile.ZipFile("%s/%s-1.0-py3-none-any.whl" % (folder, name), "w") as wheel:
    wheel.writestr(name + ".py", "WORD = %r" % name)
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: 1.0\\n" % name)
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`

let folder: string
let test: TestRuntime
let servers: Server[]
let asked: string[]

beforeAll(async () => {
  test = await startTestRuntime()
  folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-index-'))
  chmodSync(folder, 0o755)
  asked = []
  const authority = makeAuthority(folder)
  const [main, extra] = [await startIndex('company_words', authority), await startIndex('extra_words', authority)]
  const proxy = createProxy().on('connect', (request, client) => {
    asked.push(`proxy ${request.url}`)
    const [host, port] = (request.url ?? '').split(':')
    const upstream = connect(Number(port), host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    client.pipe(upstream).pipe(client)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  servers = [main, extra, proxy]
  const portOf = (server: Server) => (server.address() as AddressInfo).port
  vi.stubEnv('PIP_INDEX_URL', `https://builder:${PASSWORD}@127.0.0.1:${portOf(main)}/simple/`)
  vi.stubEnv('PIP_EXTRA_INDEX_URL', `https://127.0.0.1:${portOf(extra)}/simple/`)
  vi.stubEnv('PIP_CERT', authority.caFile)
  vi.stubEnv('PIP_PROXY', `http://127.0.0.1:${portOf(proxy)}`)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  rmSync(folder, { recursive: true, force: true })
  await test.close()
})

/** Serves one package, `name` 1.0. */
async function startIndex(name: string, { certFile, keyFile }: ReturnType<typeof makeAuthority>): Promise<Server> {
  execFileSync(test.interpreterPath, ['-c', WHEEL, name, folder])
  const wheel = `${name}-1.0-py3-none-any.whl`
  const project = `/simple/${name.replace('_', '-')}/`
  const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
    const credentials = Buffer.from(request.headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString()
    asked.push(`${name} ${request.url} ${credentials}`)
    if (request.url === project) response.setHeader('content-type', 'text/html').end(`<a href="${wheel}">${wheel}</a>`)
    else if (request.url === project + wheel) response.end(readFileSync(path.join(folder, wheel)))
    else response.writeHead(404).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

it('builds take packages from the index, the extra index, the proxy and the authority of the configuration', async () => {
  const log: string[] = []
  const code = 'import company_words, extra_words\ndef apply(i):\n    return [company_words.WORD, extra_words.WORD]\n'
  const files = { 'src/Echo.py': code, 'requirements.txt': 'company-words==1.0\nextra-words==1.0\n' }
  const request = {
    ...{ algorithmId: randomUUID(), algorithmName: 'ezra/Echo', commitSha: 'f'.repeat(40) },
    ...{ language: 'python' as const, interpreterPath: test.interpreterPath },
    files: new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
  }
  const result = await test.builder.build(request, (line) => log.push(line))
  expect(result, log.join('\n')).toMatchObject({ ok: true })
  const version = await test.addVersion(files, { ...request, environmentKey: result.ok ? result.environmentKey : null })
  expect(await callJson(test, version, null)).toEqual({ type: 'json', text: '["company_words", "extra_words"]' })

  expect(asked).toContain(`company_words /simple/company-words/ builder:${PASSWORD}`)
  expect(asked.filter((line) => line.startsWith('extra_words /simple/extra-words/')).length).toBeGreaterThan(0)
  // Each connection of the build came by way of the proxy.
  expect(asked.filter((line) => line.startsWith('proxy 127.0.0.1:')).length).toBeGreaterThan(1)
  expect(log.join('\n')).not.toContain(PASSWORD)
})
