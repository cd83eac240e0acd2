import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Invocation, WorkerApi } from '../port'
import { startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** A small data API: files by path, and who asked for each. */
const files = new Map<string, Buffer>()
const callers: string[] = []

const api: WorkerApi = async (request, caller) => {
  callers.push(`${caller.callerId} by ${caller.algorithmName}`)
  const { pathname } = new URL(request.url)
  if (pathname.startsWith('/v1/algo/')) return answerCall(request)
  if (request.method === 'PUT') {
    files.set(pathname, Buffer.from(await request.arrayBuffer()))
    return Response.json({ result: `data://${pathname.slice('/v1/data/'.length)}` })
  }
  const bytes = files.get(pathname)
  if (!bytes) return Response.json({ error: { message: 'no such file' } }, { status: 404 })
  if (request.method === 'DELETE') {
    files.delete(pathname)
    return Response.json({ result: { deleted: 1 } })
  }
  return new Response(new Uint8Array(bytes), { headers: { 'X-Data-Type': 'file' } })
}

async function answerCall(request: Request): Promise<Response> {
  const text = await request.text()
  if (text === 'bad') {
    return Response.json({ error: { message: 'it raised', error_type: 'InputError', stacktrace: 'there' } })
  }
  return Response.json({ result: { got: JSON.parse(text) }, metadata: { content_type: 'json', duration: 0.5 } })
}

let test: TestRuntime
let local: Server
let localPort: number

beforeAll(async () => {
  local = createServer((_, response) => response.end('a private service')).listen(0, '127.0.0.1')
  await new Promise((resolve) => local.once('listening', resolve))
  localPort = (local.address() as AddressInfo).port
  test = await startTestRuntime({ api, allowedEgress: [`localhost:${localPort}`] })
})
afterAll(async () => {
  await test.close()
  await new Promise((resolve) => local.close(resolve))
})

describe('the client that comes with the ADK', () => {
  it('runs the guide’s subscriber unchanged', async () => {
    const version = await addAlgorithm([
      'import Algorithmia',
      'from Algorithmia import ADK',
      'def apply(input):',
      '    Algorithmia.client().file("data://ezra/TestingSBEventFlow/" + input.get("filename")).put(input.get("data"))',
      'algorithm = ADK(apply)',
      'algorithm.init("Algorithmia")',
    ])
    const input = { filename: 'some-new-file.txt', data: 'file contents to store' }
    expect(resultOf(await invoke(version, input))).toBe('null')
    expect(files.get('/v1/data/ezra/TestingSBEventFlow/some-new-file.txt')?.toString()).toBe('file contents to store')
    expect(callers.at(-1)).toBe(`${version.callerId} by ${version.algorithmName}`)
  })

  it('puts, reads, looks for and deletes files', async () => {
    const version = await addAlgorithm([
      'import Algorithmia',
      'def apply(path):',
      '    c = Algorithmia.client()',
      '    c.file("data://ezra/c/a b.json").putJson({"n": 1})',
      '    open("/tmp/x", "wb").write(bytes(range(256)) * 4000)',
      '    c.file("data://ezra/c/x").putFile("/tmp/x")',
      '    out = [c.file("data://ezra/c/a b.json").getJson()["n"], len(c.file("data://ezra/c/x").getBytes()),',
      '           c.file("data://ezra/c/a b.json").getFile().read(), c.file("data://ezra/c/none").exists()]',
      '    c.file("data://ezra/c/x").delete()',
      '    out.append(c.file("data://ezra/c/x").exists())',
      '    try:',
      '        c.file("data://ezra/c/x").getString()',
      '    except Exception as e:',
      '        out.append(type(e).__name__ + ": " + str(e))',
      '    return out',
    ])
    expect(JSON.parse(resultOf(await invoke(version, 1)))).toEqual([
      1,
      1_024_000,
      '{"n": 1}',
      false,
      false,
      'DataApiError: unable to get file ezra/c/x - no such file',
    ])
  })

  it('calls other algorithms', async () => {
    const version = await addAlgorithm([
      'import Algorithmia',
      'def apply(input):',
      '    answer = Algorithmia.client().algo("demo/Hello/0.1.0").pipe(input)',
      '    return [answer.result["got"], answer.metadata.duration]',
    ])
    expect(JSON.parse(resultOf(await invoke(version, { a: 1 })))).toEqual([{ a: 1 }, 0.5])
    const failed = await invoke(version, 'bad')
    expect(failed).toMatchObject({ ok: false, error: { errorType: 'InputError', message: 'it raised\nthere' } })
  })
})

describe('the gate', () => {
  it('serves the API to any HTTP client at ALGORITHMIA_API', async () => {
    const version = await addAlgorithm([
      'import os, urllib.request',
      'def apply(input):',
      '    request = urllib.request.Request(os.environ["ALGORITHMIA_API"] + "/v1/data/ezra/c/u", data=b"u" * 3000000, method="PUT")',
      '    return urllib.request.urlopen(request).read().decode()',
    ])
    expect(resultOf(await invoke(version, 1))).toBe('{"result":"data://ezra/c/u"}')
    expect(files.get('/v1/data/ezra/c/u')?.length).toBe(3_000_000)
  })

  it('leads to listed endpoints, refuses private ones and tells so in the log', async () => {
    const version = await addAlgorithm(FETCH)
    expect(resultOf(await invoke(version, `http://localhost:${localPort}/`))).toBe('a private service')
    for (const host of [
      `127.0.0.1:${localPort}`,
      '169.254.169.254',
      '10.0.0.1:5432',
      '[::1]:80',
      '[::ffff:127.0.0.1]:80',
    ]) {
      const invocation = await invoke(version, `http://${host}/`)
      expect(resultOf(invocation)).toBe('HTTPError: HTTP Error 403: Forbidden')
      expect(invocation.stderr).toMatch(/^headrace: connection to \S+ refused: it is a private or local address/)
    }
    const tunnel = await invoke(version, `https://127.0.0.1:${localPort}/`)
    expect(resultOf(tunnel)).toContain('Tunnel connection failed: 403 Forbidden')
  })

  it('gives an isolated algorithm the API and nothing else', async () => {
    const isolated = { networkAccess: 'isolated' as const }
    const version = await addAlgorithm(FETCH, isolated)
    const invocation = await invoke(version, `http://localhost:${localPort}/`)
    expect(resultOf(invocation)).toBe('HTTPError: HTTP Error 403: Forbidden')
    expect(invocation.stderr).toContain('refused: this algorithm has no internet access')
    const client = await addAlgorithm(
      ['import Algorithmia', 'def apply(i): return Algorithmia.client().file("data://a/b/c").exists()'],
      isolated,
    )
    expect(resultOf(await invoke(client, 1))).toBe('false')
  })

  it('gives a broker named in a secret a port inside', async () => {
    const code = [
      'import os, re, socket',
      'def apply(i):',
      '    host, port = re.search("sb://([^:;/]+):(\\\\d+)", os.environ["CONNECTION_STR"]).groups()',
      '    s = socket.create_connection((host, int(port)), 5)',
      '    s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")',
      '    return s.makefile().read().splitlines()[-1]',
    ]
    const connection = (host: string) =>
      `Endpoint=sb://${host};SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true`
    const listed = await addAlgorithm(code, {
      readSecrets: async () => ({ CONNECTION_STR: connection(`localhost:${localPort}`) }),
    })
    expect(resultOf(await invoke(listed, 1))).toBe('a private service')
    const other = await addAlgorithm(code, {
      readSecrets: async () => ({ CONNECTION_STR: connection('localhost:59999') }),
    })
    expect((await invoke(other, 1)).stderr).toContain('connection to localhost:59999 refused')
  })
})

const FETCH = [
  'import urllib.request',
  'def apply(url):',
  '    handler = urllib.request.ProxyHandler({"http": "http://127.0.0.1:8080", "https": "http://127.0.0.1:8080"})',
  '    try:',
  '        import os',
  '        os.environ["NO_PROXY"] = os.environ["no_proxy"] = ""',
  '        return urllib.request.build_opener(handler).open(url, timeout=5).read().decode()',
  '    except Exception as e:',
  '        return type(e).__name__ + ": " + str(e)',
]

function addAlgorithm(lines: string[], changes = {}) {
  return test.addVersion(`${lines.join('\n')}\n`, changes)
}

function invoke(version: Parameters<typeof test.runtime.invoke>[0], input: unknown): Promise<Invocation> {
  const payload = { type: 'json' as const, bytes: Buffer.from(JSON.stringify(input)) }
  return test.runtime.invoke(version, payload, { timeoutMs: 15_000 })
}

function resultOf(invocation: Invocation): string {
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return invocation.result.bytes.toString('utf8')
}
