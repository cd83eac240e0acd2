import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAlgorithm } from '@/lib/algorithms/commands/create-algorithm'
import { runInConsole } from '@/lib/algorithms/commands/run-in-console'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { getAlgorithmMetrics } from '@/lib/algorithms/queries'
import { discoverEnvironments } from '@/lib/environments/discover'
import { setCurrentRuntime } from '@/lib/runtime/current'
import { startTestRuntime, type TestRuntime } from '@/lib/runtime/testing/test-runtime'
import { createSecret } from '@/lib/secrets/commands'
import { makeAlgorithm, makeEnvironment } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { publishVersion } from '@/lib/versions/commands/publish-version'
import { startBuild } from './commands/start-build'
import { getBuild } from './queries'
import { whenBuildsAreDone } from './queue'

/** Everything real: repository, database, builder, sandbox and worker. */
let database: TestDatabase
let runtime: TestRuntime
let owner: TestUser
/** Where every user may execute. */
let standIns: string

beforeAll(async () => {
  database = await testDatabase()
  runtime = await startTestRuntime({ dataDir: database.dataDirectory })
  setCurrentRuntime(runtime)
  const environment = await makeEnvironment(database.db)
  const { interpreterPath } = runtime
  await database.db.environment.update({ where: { id: environment.id }, data: { interpreterPath } })
  owner = await makeUserContext(database.db)
  standIns = await mkdtemp(path.join(os.tmpdir(), 'headrace-stand-ins-'))
  await chmod(standIns, 0o755)
})
afterAll(async () => {
  await whenBuildsAreDone()
  setCurrentRuntime(undefined)
  await runtime.close()
  await database.close()
  await rm(standIns, { recursive: true, force: true })
})

/** A folder with an interpreter that answers `question` with `answer`, and all else as the tests' Python. */
async function makeStandIn(name: string, question: string, answer: string): Promise<string> {
  const bin = path.join(standIns, 'bin')
  await mkdir(bin, { recursive: true })
  const lines = [
    '#!/bin/sh',
    `case "$*" in *${question}*) echo ${answer} ;; *) exec ${runtime.interpreterPath} "$@" ;; esac`,
  ]
  await writeFile(path.join(bin, name), `${lines.join('\n')}\n`, { mode: 0o755 })
  return bin
}

async function build(path: { owner: string; name: string }) {
  const started = await startBuild(owner.ctx, path)
  await whenBuildsAreDone()
  return { ...started, ...(await getBuild(owner.ctx, { ...path, buildId: started.buildId })) }
}

describe('from source to a call', () => {
  it('a new algorithm says hello untouched, from its first build on', async () => {
    const { path } = await makeAlgorithm(database.db, owner.ctx, 'Untouched')
    const { status, log, commitSha, buildId } = await build(path)
    expect(status, log).toBe('succeeded')
    expect(await runInConsole(owner.ctx, { ...path, version: commitSha, input: '"foo"' })).toMatchObject({
      ok: true,
      output: '"hello foo"',
    })
    await publishVersion(owner.ctx, { ...path, buildId, bump: 'minor' })
    expect(await runInConsole(owner.ctx, { ...path, version: '0.1.0', input: '"John"' })).toMatchObject({
      ok: true,
      output: '"hello John"',
    })
    const execution = await database.db.execution.findFirstOrThrow({ where: { version: { minor: 1 } } })
    expect(execution).toMatchObject({ source: 'console', status: 'succeeded', callerId: owner.account.id })
    const refused = { code: 'invalid_input', fields: { input: expect.stringContaining('This is not JSON') } }
    const notJson = runInConsole(owner.ctx, { ...path, version: commitSha, input: 'Jane' })
    await expect(notJson).rejects.toMatchObject(refused)
    expect(await getAlgorithmMetrics(owner.ctx, path)).toEqual({
      callCount: 2,
      hasMore: false,
      averageDurationMs: expect.any(Number),
      versionCount: 1,
    })
  })

  it('a new JavaScript algorithm says hello too', async () => {
    const node = (await discoverEnvironments()).find(({ language }) => language === 'node')
    if (!node) throw new Error('this test needs a Node.js that a worker may execute')
    await database.db.environment.create({ data: node })
    const { owner: account } = await createAlgorithm(owner.ctx, { name: 'Script', environment: node.name })
    const path = { owner: account, name: 'Script' }
    const { status, log, commitSha } = await build(path)
    expect(status, log).toBe('succeeded')
    expect(await runInConsole(owner.ctx, { ...path, version: commitSha, input: '"foo"' })).toMatchObject({
      ok: true,
      output: '"hello foo"',
    })
  })

  it('the guide’s Python 3.7 builds and runs algorithms where it is found', async () => {
    // It is in no package registry any more; this one says that it is 3.7 and is the machine's own otherwise.
    const bin = await makeStandIn('python3.7', 'version_info', '3.7.17')
    const found = (await discoverEnvironments(bin)).find(({ name }) => name === 'python37')
    expect(found).toMatchObject({ displayName: 'Python 3.7', exactVersion: '3.7.17' })
    await database.db.environment.create({ data: found as NonNullable<typeof found> })
    const { owner: account } = await createAlgorithm(owner.ctx, { name: 'Guided', environment: 'python37' })
    const path = { owner: account, name: 'Guided' }
    const { status, log, commitSha, interpreterVersion } = await build(path)
    expect(status, log).toBe('succeeded')
    expect(interpreterVersion).toBe('3.7.17')
    expect(await runInConsole(owner.ctx, { ...path, version: commitSha, input: '"foo"' })).toMatchObject({
      ok: true,
      output: '"hello foo"',
    })
  })

  it('an algorithm that raises is an answer with its stack and what it printed', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Errorville')
    const text = 'def apply(input):\n    print("about to fail")\n    raise Exception("No matter what!")\n'
    const changes = [{ path: 'src/Errorville.py', text }]
    await saveSource(owner.ctx, { ...algorithm.path, parentSha: algorithm.commitSha, changes })
    const { buildId, commitSha, log, status } = await build(algorithm.path)
    expect(status, log).toBe('succeeded')
    expect(await runInConsole(owner.ctx, { ...algorithm.path, version: commitSha, input: 'null' })).toMatchObject({
      ok: false,
      errorType: 'AlgorithmError',
      message: 'No matter what!',
      stackTrace: expect.stringContaining('Errorville.py'),
      logs: expect.stringContaining('about to fail'),
    })
    await publishVersion(owner.ctx, { ...algorithm.path, buildId, bump: 'minor', callability: 'public' })
    const { ctx: stranger } = await makeUserContext(database.db)
    expect(await runInConsole(stranger, { ...algorithm.path, version: '0.1.0', input: 'null' })).toMatchObject({
      message: 'No matter what!',
      stackTrace: null,
      logs: '',
    })
  })

  it('source that does not load fails the build and says where', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Broken')
    const changes = [{ path: 'src/Broken.py', text: 'def apply(input)\n    return 1\n' }]
    await saveSource(owner.ctx, { ...algorithm.path, parentSha: algorithm.commitSha, changes })
    const { status, log, error } = await build(algorithm.path)
    expect(status).toBe('failed')
    expect(log).toContain('Broken.py')
    expect(error).not.toBe('')
  })

  it('a build that fails leaves no packages either, unless another one needs them', { timeout: 120_000 }, async () => {
    const broken = await makeAlgorithm(database.db, owner.ctx, 'BrokenWithPackages')
    const packages = { path: 'requirements.txt', text: 'six==1.16.0\n' }
    const changes = [packages, { path: 'src/BrokenWithPackages.py', text: 'def apply(input)\n' }]
    await saveSource(owner.ctx, { ...broken.path, parentSha: broken.commitSha, changes })
    const environments = () => readdir(path.join(database.dataDirectory, 'envs'))
    const before = await environments()
    const failed = await build(broken.path)
    expect(failed.log).toContain('Installing packages')
    expect(failed).toMatchObject({ status: 'failed', environmentKey: null })
    expect(await environments()).toEqual(before)
    expect(await readdir(path.join(database.dataDirectory, 'versions', broken.id))).toEqual([])

    const good = await makeAlgorithm(database.db, owner.ctx, 'GoodWithPackages')
    await saveSource(owner.ctx, { ...good.path, parentSha: good.commitSha, changes: [packages] })
    const { environmentKey, log } = await build(good.path)
    expect(await environments(), log).toEqual([...before, environmentKey])
    const again = await build(broken.path)
    expect(again.log).toContain('The packages are installed already.')
    expect(await environments()).toEqual([...before, environmentKey])
  })

  it('a secret is an environment variable from the next call on', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Secretive')
    const text = 'import os\n\n\ndef apply(input):\n    return os.environ.get("TOKEN", "none")\n'
    const changes = [{ path: 'src/Secretive.py', text }]
    await saveSource(owner.ctx, { ...algorithm.path, parentSha: algorithm.commitSha, changes })
    const { commitSha } = await build(algorithm.path)
    const call = () => runInConsole(owner.ctx, { ...algorithm.path, version: commitSha, input: 'null' })
    expect(await call()).toMatchObject({ output: '"none"' })
    await createSecret(owner.ctx, {
      ...algorithm.path,
      environmentName: 'TOKEN',
      displayName: 'Token',
      value: 'from-the-store',
    })
    expect(await call()).toMatchObject({ output: '"from-the-store"' })
  })
})
