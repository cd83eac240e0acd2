import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discoverEnvironments } from '@/lib/environments/discover'
import type { Invocation, Payload, RunnableVersion } from '../port'
import { startProcess } from '../processes/spawn'
import { CONTEXT } from '../testing/message-context'
import { HARNESS_DIR, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

/** Names this machine from outside; inside the sandbox nobody knows it, only the gate leads there. */
const OUTSIDE = os.hostname().toLowerCase()

let test: TestRuntime
let interpreterPath: string

beforeAll(async () => {
  test = await startTestRuntime({ api: async (request) => Response.json({ path: new URL(request.url).pathname }) })
  const node = (await discoverEnvironments()).find(({ language }) => language === 'node')
  if (!node) throw new Error('these tests need a Node that a worker may execute')
  interpreterPath = node.interpreterPath
})
afterAll(() => test.close())

describe('a JavaScript algorithm', () => {
  it('may answer by callback, by promise or by value', async () => {
    const forms = {
      'src/Echo.js': 'exports.apply = function (input, cb) { setTimeout(() => cb(null, "hello " + input), 1) }',
      'src/Echo.cjs': 'exports.apply = async (input) => "hello " + input',
      'src/Echo.mjs': 'export default (input) => "hello " + input',
      'src/Algorithm.mjs': 'export async function apply(input) { return "hello " + input }',
    }
    for (const [file, code] of Object.entries(forms)) {
      expect(resultOf(await call(await addAlgorithm({ [file]: code }), 'foo')), file).toEqual({
        type: 'text',
        text: 'hello foo',
      })
    }
  })

  it('may be a module by its package.json and import its neighbours', async () => {
    const version = await addAlgorithm({
      'package.json': '{"type":"module"}',
      'src/Echo.js':
        'import { word } from "./word.js"\nexport const load = () => ({ n: 2 })\nexport const apply = (input, state) => [word, input, state]',
      'src/word.js': 'export const word = "w"',
    })
    expect(resultOf(await call(version, { a: 1 }))).toEqual({ type: 'json', text: '["w",{"a":1},{"n":2}]' })
  })

  it('learns of its message when it names one parameter more, and of no message when there is none', async () => {
    const ask = async (code: string) => {
      const version = await addAlgorithm({ 'src/Echo.mjs': code })
      const input: Payload = { type: 'json', bytes: Buffer.from('1') }
      return resultOf(await test.runtime.invoke(version, input, { timeoutMs: 15_000, context: CONTEXT })).text
    }
    const known = JSON.stringify(CONTEXT)
    expect(await ask('export const apply = async (input, callback, context) => context')).toBe(known)
    expect(await ask('export const apply = (input, callback, context) => callback(null, context)')).toBe(known)
    expect(
      await ask(
        'export const load = () => 7\nexport const apply = async (i, callback, state, context) => [state, context]',
      ),
    ).toBe(`[7,${known}]`)
    expect(await ask('export const apply = (...all) => all.length')).toBe('1')
    const asks = await addAlgorithm({ 'src/Echo.mjs': 'export const apply = async (i, callback, context) => context' })
    expect(resultOf(await call(asks, 1)).text).toBe('{"message":null}')
  })

  it('gets its input by the parser of JavaScript, whatever it puts in its place', async () => {
    const code = 'JSON.parse = () => { throw new Error("mine") }\nexports.apply = (input) => JSON.parse(input)'
    const failed = await call(await addAlgorithm({ 'src/Echo.js': code }), 'foo')
    expect(failed).toMatchObject({ ok: false, error: { kind: 'algorithm_error', message: 'Error: mine' } })
  })

  it('gives bytes as binary and nothing as null', async () => {
    const version = await addAlgorithm({ 'src/Echo.js': 'exports.apply = (n) => n ? Buffer.alloc(n, 7) : undefined' })
    expect(await call(version, 3)).toMatchObject({
      ok: true,
      result: { type: 'binary', bytes: Buffer.from([7, 7, 7]) },
    })
    expect(resultOf(await call(version, 0))).toEqual({ type: 'json', text: 'null' })
    expect(await call(version, 16 << 20)).toMatchObject({ ok: false, error: { kind: 'result_too_large' } })
  })

  it('gets a large input whole, wherever it was cut on its way', async () => {
    const version = await addAlgorithm({ 'src/Echo.js': 'exports.apply = async (input) => input' })
    // Characters of one to four bytes, in a length that no reading ends with.
    const input = 'aé€𝄞'.repeat(199_999)
    expect(resultOf(await call(version, input))).toEqual({ type: 'text', text: input })
    expect(resultOf(await call(version, [input, 'b']))).toEqual({ type: 'json', text: JSON.stringify([input, 'b']) })
  })

  it('finds its standard input at its end, whenever it looks, and gets its requests all the same', async () => {
    const looking = await addAlgorithm({
      'src/Echo.mjs': `const isTerminal = process.stdin.isTTY ?? false
        export default async (n) => {
          let text = ''
          for await (const chunk of process.stdin) text += chunk
          process.stdin.destroy()
          return [n, text, isTerminal]
        }`,
    })
    const late = await addAlgorithm({ 'src/Echo.js': 'exports.apply = async (n) => [n, process.stdin.isTTY ?? false]' })
    for (const n of [1, 2]) {
      expect(resultOf(await call(looking, n)).text).toBe(`[${n},"",false]`)
      expect(resultOf(await call(late, n)).text).toBe(`[${n},false]`)
    }
  })

  it('ends when nobody can send it requests any more', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-node-'))
    await mkdir(path.join(folder, 'src'))
    await writeFile(path.join(folder, 'src/Echo.mjs'), 'export default (input) => input\nsetInterval(() => {}, 1_000)')
    await writeFile(path.join(folder, 'answers'), '')
    const child = startProcess({
      command: interpreterPath,
      args: [path.join(HARNESS_DIR, 'node/start.mjs'), 'Echo'],
      cwd: folder,
      env: { HEADRACE_ANSWER_PIPE: path.join(folder, 'answers') },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(child.stdout as Readable, 'data')
    child.stdin?.end('{"id":"1","content_type":"json","data":7,"context":{"message":null}}\n')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await readFile(path.join(folder, 'answers'), 'utf8')).toBe('#1 json 1\n7\n')
    await rm(folder, { recursive: true })
  })

  it('reports what it throws or hands to the callback, and what it printed', async () => {
    const code =
      'exports.apply = (input, cb) => { console.log("seen"); console.error("oh"); if (input) cb(new Error("no")); else throw new TypeError("bad") }'
    const version = await addAlgorithm({ 'src/Echo.js': code })
    const failed = await call(version, 1)
    expect(failed).toMatchObject({
      ok: false,
      error: { kind: 'algorithm_error', message: 'Error: no' },
      stdout: 'seen\n',
      stderr: 'oh\n',
    })
    expect(!failed.ok && failed.error.stackTrace).toMatch(/src\/Echo.js:1/)
    expect(await call(version, 0)).toMatchObject({ ok: false, error: { message: 'TypeError: bad' } })
    expect(test.runtime.stats().busy).toBe(0)
  })

  it('reports what an error was caused by', async () => {
    const version = await addAlgorithm({
      'src/Echo.mjs': `const circle = new Error('round'); circle.cause = circle
      const unreadable = Object.defineProperty(new Error('alone'), 'cause', { get() { throw new Error() } })
      const thrown = [new TypeError('fetch failed', { cause: new Error('bad certificate') }), circle, unreadable]
      export default (which) => { throw thrown[which] }`,
    })
    const error = async (which: number) => {
      const invocation = await call(version, which)
      if (invocation.ok) throw new Error('it was to fail')
      return invocation.error
    }
    const { message, stackTrace } = await error(0)
    expect(message).toBe('TypeError: fetch failed, caused by Error: bad certificate')
    expect(stackTrace).toMatch(/TypeError: fetch failed\n.*Echo\.mjs.*\nCaused by: Error: bad certificate\n/s)
    expect((await error(1)).message).toBe('Error: round')
    expect((await error(2)).message).toBe('Error: alone')
  })

  it('has what it printed, and nothing of the call before, however much that is', async () => {
    const version = await addAlgorithm({
      'src/Echo.mjs': 'export default (n) => { console.log("o".repeat(n)); console.error("e".repeat(n)) }',
    })
    for (const n of [1, 900_000, 2, 900_000, 3]) {
      const { stdout, stderr } = await call(version, n)
      expect([stdout.length, stderr.length]).toEqual([n + 1, n + 1])
    }
  })

  it('may take over what is printed in the middle of it', async () => {
    const code = 'console.error("e".repeat(n)); process.stderr.write = () => true; console.error("unheard"); return n'
    const version = await addAlgorithm({ 'src/Echo.mjs': `export default (n) => { ${code} }` })
    expect(await call(version, 900_000)).toMatchObject({ ok: true, stderr: `${'e'.repeat(900_000)}\n` })
  })

  it('reports what it throws however long it is and whatever it says of itself, and stays', async () => {
    const version = await addAlgorithm({
      'src/Echo.mjs': `const thrown = {
        long: () => Object.assign(new Error('\\u0001'.repeat(100_000)), { error_type: 'L'.repeat(100_000) }),
        blank: () => new Error('\\n'.repeat(60_000)),
        bare: () => Object.create(null),
        refusing: () => ({ get error_type() { throw new Error() }, toString() { throw new Error() } }),
        frames: () => Object.defineProperty(new Error('no'), 'stack', { value: ['no text'] }),
      }
      export default (name) => { throw thrown[name]() }`,
    })
    const errors = []
    for (const name of ['long', 'blank', 'bare', 'refusing', 'frames']) {
      const invocation = await call(version, name, 2_000)
      errors.push(!invocation.ok && [invocation.error.errorType, invocation.error.message])
    }
    const NO_MESSAGE = 'The algorithm raised an error without a message.'
    expect(errors).toEqual([
      ['L'.repeat(256), 'Error: '.padEnd(65_536, '\u0001')],
      ['AlgorithmError', 'Error: '.padEnd(60_007, '\n')],
      ['AlgorithmError', NO_MESSAGE],
      ['AlgorithmError', NO_MESSAGE],
      ['AlgorithmError', 'Error: no'],
    ])
    expect((await call(version, 'bare')).isColdStart).toBe(false)
  })

  it('is not taken for a forger when it closes what its requests come by', async () => {
    const version = await addAlgorithm({ 'src/Echo.js': 'exports.apply = () => require("node:fs").closeSync(0)' })
    for (let n = 0; n < 3; n++) await call(version, n, 2_000)
    expect(test.runtime.stats().ends.forged_answer).toBeUndefined()
  })

  it('says why it can not be loaded', async () => {
    const missing = await call(await addAlgorithm({ 'src/Echo.js': 'require("nothing-like-this")' }), 1)
    expect(missing).toMatchObject({ ok: false, error: { kind: 'loading_error', errorType: 'LoadingError' } })
    expect(!missing.ok && missing.error.message).toContain("Cannot find module 'nothing-like-this'")
    const noApply = await call(await addAlgorithm({ 'src/Echo.js': 'exports.x = 1' }), 1)
    expect(!noApply.ok && noApply.error.message).toBe('Error: src/Echo.js exports no function apply.')
  })

  it('reaches the API, keeps its memory limit and its time', async () => {
    const version = await addAlgorithm({
      'src/Echo.js': [
        'exports.apply = async (how) => {',
        '  if (how === "api") return (await fetch(process.env.ALGORITHMIA_API + "/v1/data/x")).json()',
        '  if (how === "memory") { const all = []; for (;;) all.push(new Array(1e6).fill(Math.random())) }',
        '  for (;;) {}',
        '}',
      ].join('\n'),
    })
    expect(resultOf(await call(version, 'api'))).toEqual({ type: 'json', text: '{"path":"/v1/data/x"}' })
    const memory = await call(version, 'memory')
    expect(!memory.ok && memory.error.kind).toMatch(/out_of_memory|worker_exit/)
    expect(await call(version, 'loop', 1_000)).toMatchObject({ ok: false, error: { kind: 'timeout' } })
  })
})

describe('the relay of a JavaScript worker', () => {
  const ASK =
    'fetch(process.env.ALGORITHMIA_API + "/v1/by").then((r) => r.json()).then(({ path }) => console.log(path))'
  const PROGRAM = `process.execPath, ["-e", ${JSON.stringify(ASK)}]`
  /** What is used first, and hands back what it prints. */
  const WAYS = {
    'a program': `(done) => execFile(${PROGRAM}, done)`,
    'a program that is waited for': `(done) => done(null, execFileSync(${PROGRAM}))`,
    'a program that is waited for, with all that it says': `(done) => done(null, spawnSync(${PROGRAM}).stdout)`,
    'a shell that is waited for': `(done) => done(null, execSync("exec node -e '" + ${JSON.stringify(ASK)} + "'"))`,
    'a program by require': `(done) => done(null, require("child_process").execFileSync(${PROGRAM}))`,
    'a thread': `(done) => {
      const thread = new Worker(${JSON.stringify(ASK)}, { eval: true, stdout: true })
      let text = ""
      thread.stdout.on("data", (chunk) => { text += chunk })
      thread.on("error", done).on("exit", () => done(null, text))
    }`,
    'a thread by require': `(done) => {
      const { Worker } = require("worker_threads")
      const thread = new Worker(${JSON.stringify(ASK)}, { eval: true, stdout: true })
      thread.stdout.on("data", (chunk) => done(null, chunk))
    }`,
  }
  const IMPORTS = `import { execFile, execFileSync, execSync, spawnSync } from "node:child_process"
    import { createRequire } from "node:module"
    import { Worker } from "node:worker_threads"
    const require = createRequire(import.meta.url)
    process.env.PATH = process.execPath.replace(/node$/, "") + ":" + process.env.PATH`

  it.each(Object.entries(WAYS))('leads to the API for %s', async (_, way) => {
    const apply = `export const apply = (input, done) => (${way})((error, text) => done(error, String(text)))`
    const invocation = await call(await addAlgorithm({ 'src/Echo.mjs': `${IMPORTS}\n${apply}` }), 1)
    expect(resultOf(invocation).text).toBe('/v1/by\n')
  })

  it('listens for a native module, and for nobody before', async () => {
    const code = `const { readFileSync } = require("node:fs")
      const listening = () => readFileSync("/proc/self/net/tcp", "utf8").split("\\n").filter((line) => / 0A /.test(line)).length > 0
      exports.apply = () => {
        const before = listening()
        let problem = ""
        try { require("./none.node") } catch (error) { problem = error.message }
        return [before, listening(), problem]
      }`
    const version = await addAlgorithm({ 'src/Echo.js': code, 'src/none.node': 'no library' })
    const [before, after, problem] = JSON.parse(resultOf(await call(version, 1)).text)
    expect([before, after]).toEqual([false, true])
    expect(problem).toContain('none.node')
  })
})

describe('a JavaScript algorithm that reaches out', () => {
  let server: Server
  let reaching: TestRuntime
  let port: number

  beforeAll(async () => {
    server = createServer((request, response) => response.end(`outside ${request.url}`))
    const { address } = await lookup(OUTSIDE)
    await new Promise<void>((resolve) => server.listen(0, address, resolve))
    port = (server.address() as AddressInfo).port
    reaching = await startTestRuntime({ allowedEgress: [`${OUTSIDE}:${port}`] })
  })
  afterAll(async () => {
    await reaching.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const ask = async (code: string, changes: Partial<RunnableVersion> = {}) => {
    const files = { 'src/Echo.mjs': code }
    const version = await reaching.addVersion(files, { language: 'node', interpreterPath, ...changes })
    const payload: Payload = { type: 'json', bytes: Buffer.from(String(port)) }
    return reaching.runtime.invoke(version, payload, { timeoutMs: 20_000 })
  }
  const FETCH = `export const apply = async (port) => (await fetch("http://${OUTSIDE}:" + port + "/fetch")).text()`

  it('gets through the gate by fetch, which knows no proxy of its own', async () => {
    expect(resultOf(await ask(FETCH)).text).toBe('outside /fetch')
  })

  it('gets through by node:http, as most packages do', async () => {
    const code = `import http from "node:http"
      export const apply = (port, done) => http.get("http://${OUTSIDE}:" + port + "/http", (response) => {
        let text = ""
        response.on("data", (chunk) => { text += chunk }).on("end", () => done(null, text))
      }).on("error", done)`
    expect(resultOf(await ask(code)).text).toBe('outside /http')
  })

  it('is held where the rules forbid it, and told so', async () => {
    const isolated = await ask(FETCH, { networkAccess: 'isolated' })
    expect(isolated.ok).toBe(false)
    expect(isolated.stderr).toContain('this algorithm has no internet access')
    const hidden = await ask('export const apply = async () => (await fetch("https://10.1.2.3/")).text()')
    expect(hidden.ok).toBe(false)
    expect(hidden.stderr).toContain('private or local address')
  })
})

function addAlgorithm(files: Record<string, string>): Promise<RunnableVersion> {
  return test.addVersion(files, { language: 'node', interpreterPath })
}

function call(version: RunnableVersion, input: unknown, timeoutMs = 20_000): Promise<Invocation> {
  const payload: Payload = { type: 'json', bytes: Buffer.from(JSON.stringify(input)) }
  return test.runtime.invoke(version, payload, { timeoutMs })
}

function resultOf(invocation: Invocation) {
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return { type: invocation.result.type, text: invocation.result.bytes.toString('utf8') }
}
