import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { discoverEnvironments } from '@/lib/environments/discover'
import type { BuildRequest } from '../port'
import { callJson, PATIENCE, startTestRuntime, type TestRuntime } from '../testing/test-runtime'

const SIX = 'import six\ndef apply(input):\n    return six.__version__\n'

let test: TestRuntime

beforeAll(async () => {
  test = await startTestRuntime()
})
afterAll(() => test.close())

describe('a build', () => {
  it('needs no environment when requirements.txt holds comments only', async () => {
    const { result, log } = await build({
      'src/Echo.py': 'def apply(i):\n  return i\n',
      'requirements.txt': '# none\n\n',
    })
    expect(result).toEqual({ ok: true, environmentKey: null })
    expect(log).toContain('requirements.txt names no packages: nothing to install.')
    expect(await environments()).toEqual([])
  })

  it('installs packages from the index, and the algorithm can use them', async () => {
    const request = makeRequest({ 'src/Echo.py': SIX, 'requirements.txt': 'six==1.16.0\n' })
    const { result, log } = await build(request)
    expect(result, log.join('\n')).toMatchObject({ ok: true })
    const environmentKey = result.ok ? result.environmentKey : null
    expect(await environments()).toEqual([environmentKey])
    expect(result).toMatchObject({ packages: { language: 'python', names: 'six==1.16.0' } })
    expect(result.ok && result.packages?.sizeBytes).toBeGreaterThan(30_000)
    const version = await test.addVersion({}, { ...request, environmentKey })
    expect(await callJson(test, version, null)).toEqual({ type: 'text', text: '1.16.0' })
  })

  it('finds an environment again, whatever the order and the comments are', async () => {
    const { result, log } = await build({ 'src/Echo.py': SIX, 'requirements.txt': '# same\nsix==1.16.0   # pinned\n' })
    expect(result.ok).toBe(true)
    expect(log).toContain('The packages are installed already.')
    expect(result).toMatchObject({ packages: { names: 'six==1.16.0' } })
    expect(await environments()).toHaveLength(1)
  })

  it('leaves nothing when a package does not exist', async () => {
    const before = await environments()
    const request = makeRequest({ 'src/Echo.py': SIX, 'requirements.txt': 'six==0.0.0.dev999\n' })
    const { result, log } = await build(request)
    expect(result).toEqual({ ok: false, error: 'The packages could not be installed. The log says why.' })
    expect(log.join('\n')).toContain('No matching distribution found for six==0.0.0.dev999')
    expect(await environments()).toEqual(before)
    expect(await versions(request)).toEqual([])
  })

  it('fails when the source can not be imported, with the reason in the log', async () => {
    const request = makeRequest({ 'src/Echo.py': 'def apply(:\n' })
    const { result, log } = await build(request)
    expect(result).toEqual({ ok: false, error: 'The algorithm can not be imported. The log says why.' })
    expect(log.join('\n')).toMatch(/src\/Echo\.py", line 1\n[\s\S]*SyntaxError/)
    expect(await versions(request)).toEqual([])
  })

  it('does not hold a missing secret against the source', async () => {
    const { result, log } = await build({
      'src/Echo.py': 'import os\nKEY = os.environ["KEY"]\ndef apply(i):\n  return KEY\n',
    })
    expect(result.ok).toBe(true)
    expect(log.join('\n')).toContain('It ran without secrets and network')
  })

  it('says which index it could not reach, after a second try', { timeout: 120_000 }, async () => {
    const former = process.env.PIP_INDEX_URL
    process.env.PIP_INDEX_URL = 'http://127.0.0.1:1/simple'
    const { result, log } = await build({ 'src/Echo.py': SIX, 'requirements.txt': 'six==1.15.0\n' })
    if (former === undefined) delete process.env.PIP_INDEX_URL
    else process.env.PIP_INDEX_URL = former
    const error =
      'The package index could not be reached (127.0.0.1:1). Without it, algorithms build whose requirements.txt names no packages, or what an earlier build installed from the same index with the same Python; published versions run.'
    expect(result).toEqual({ ok: false, error })
    expect(log).toContain('The network failed; trying once more.')
    expect(log.filter((line) => line.includes('could not be reached'))).toEqual([error])
    expect(log.at(-1)).toBe(error)
  })

  it('reaches the package index and nothing else, and says what was refused', { timeout: 120_000 }, async () => {
    const reach = [
      'import os, urllib.request',
      'try:',
      '    urllib.request.urlopen("https://example.com/", timeout=10)',
      'finally:',
      '    print("secrets:", [name for name in os.environ if "HEADRACE" in name or "DATABASE" in name])',
    ]
    const { result, log } = await build({
      'src/Echo.py': SIX,
      'requirements.txt': './reaching\n',
      'reaching/setup.py': `${reach.join('\n')}\n`,
    })
    expect(result).toEqual({ ok: false, error: 'The packages could not be installed. The log says why.' })
    expect(log).toContain('connection to example.com:443 refused: a build reaches its package index only')
    expect(log.join('\n')).toContain('secrets: []')
  })

  it('can be cancelled', async () => {
    const cancel = new AbortController()
    const request = makeRequest({ 'src/Echo.py': 'import time\ntime.sleep(60)\n' })
    const building = build(request, cancel.signal, (line) => {
      if (line.startsWith('requirements.txt')) cancel.abort()
    })
    expect((await building).result).toEqual({ ok: false, error: 'The build was cancelled.' })
    expect(await versions(request)).toEqual([])
  })

  it('has one time for all of its steps, and says when it is over', async () => {
    const short = await startTestRuntime({ buildTimeoutMs: 3_000 })
    const log: string[] = []
    const request = makeRequest({ 'src/Echo.py': 'import time\ntime.sleep(60)\n' })
    const result = await short.builder.build(request, (line) => log.push(line))
    const text = 'The build took longer than a build may, 3 seconds. The last lines of its log say what it was doing.'
    expect(result).toEqual({ ok: false, error: text })
    expect(log.at(-1)).toBe(text)
    expect(await readdir(path.join(short.dataDir, 'versions', request.algorithmId))).toEqual([])
    await short.close()
  })

  it('can be cancelled while it waits for another one that installs the same packages', async () => {
    const endless = 'import time\ntime.sleep(600)\n'
    const files = {
      'src/Echo.py': SIX,
      'requirements.txt': '-e ./slow\n',
      'slow/setup.py': endless,
    }
    const [first, second] = [new AbortController(), new AbortController()]
    const slow = makeRequest(files)
    const installing = new Promise<void>((resolve) => {
      void build(slow, first.signal, (line) => line.startsWith('Installing') && resolve())
    })
    await installing
    const waiting = build(makeRequest(files), second.signal, (line) => line.startsWith('Another') && second.abort())
    expect((await waiting).result).toEqual({ ok: false, error: 'The build was cancelled.' })
    first.abort()
    await expect.poll(() => versions(slow), PATIENCE).toEqual([])
  })

  it('refuses file names that lead out of the source', async () => {
    const { result } = await build({ '../evil.py': 'x' })
    expect(result).toEqual({ ok: false, error: 'The file name "../evil.py" can not be used.' })
  })
})

describe('a build for Node', () => {
  it('installs the packages of package.json, without scripts, and the algorithm can use them', {
    timeout: 120_000,
  }, async () => {
    const node = (await discoverEnvironments()).find(({ language }) => language === 'node')
    if (!node) throw new Error('this test needs a Node that a worker may execute')
    const manifest = { name: 'a', version: '1.0.0', dependencies: { 'is-number': '7.0.0' } }
    const code = 'const isNumber = require("is-number")\nexports.apply = (input) => isNumber(input)'
    const request = {
      ...makeRequest({ 'src/Echo.js': code, 'package.json': JSON.stringify(manifest) }),
      language: 'node' as const,
      interpreterPath: node.interpreterPath,
    }
    const { result, log } = await build(request)
    expect(result, log.join('\n')).toMatchObject({ ok: true })
    const version = await test.addVersion({}, { ...request, environmentKey: result.ok ? result.environmentKey : null })
    expect(await callJson(test, version, 5)).toEqual({ type: 'json', text: 'true' })
    expect(result).toMatchObject({ packages: { language: 'node', installer: 'npm', names: 'is-number==7.0.0' } })
  })

  it('says which registry it could not reach, after a second try', { timeout: 120_000 }, async () => {
    const node = (await discoverEnvironments()).find(({ language }) => language === 'node')
    if (!node) throw new Error('this test needs a Node that a worker may execute')
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1/')
    const manifest = { name: 'a', version: '1.0.0', dependencies: { 'is-odd': '3.0.1' } }
    const { result, log } = await build({
      ...makeRequest({ 'src/Echo.js': 'exports.apply = (i) => i', 'package.json': JSON.stringify(manifest) }),
      language: 'node',
      interpreterPath: node.interpreterPath,
    })
    vi.unstubAllEnvs()
    expect(result, log.join('\n')).toEqual({
      ok: false,
      error:
        'The npm registry could not be reached (127.0.0.1:1). Without it, algorithms build whose package.json names no packages, or what an earlier build installed from the same registry with the same Node.js; published versions run.',
    })
    expect(log).toContain('The network failed; trying once more.')
  })
})

function makeRequest(files: Record<string, string>): BuildRequest {
  return {
    algorithmId: randomUUID(),
    algorithmName: 'ezra/Echo',
    commitSha: randomUUID().replaceAll('-', '').padEnd(40, '0'),
    language: 'python',
    interpreterPath: test.interpreterPath,
    files: new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
  }
}

async function build(
  what: BuildRequest | Record<string, string>,
  signal?: AbortSignal,
  onLine: (line: string) => void = () => undefined,
) {
  const request =
    'algorithmId' in what && what.files instanceof Map ? (what as BuildRequest) : makeRequest(what as never)
  const log: string[] = []
  const record = (line: string) => {
    log.push(line)
    onLine(line)
  }
  return { result: await test.builder.build(request, record, signal), log }
}

function environments(): Promise<string[]> {
  return readdir(path.join(test.dataDir, 'envs'))
}

function versions({ algorithmId }: BuildRequest): Promise<string[]> {
  return readdir(path.join(test.dataDir, 'versions', algorithmId)).catch(() => [])
}
