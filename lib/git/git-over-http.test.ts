import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { saveSource } from '@/lib/algorithms/commands/save-source'
import { updateAlgorithm } from '@/lib/algorithms/commands/update-algorithm'
import { getSource } from '@/lib/algorithms/source/queries'
import { createApiKey } from '@/lib/api-keys/commands'
import type { CreateApiKey } from '@/lib/api-keys/schema'
import { listBuilds } from '@/lib/builds/queries'
import { whenBuildsAreDone } from '@/lib/builds/queue'
import { makeAlgorithm, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { toNodeListener } from '@/lib/v1/node-bridge'
import { handleGitRequest } from './handle-git-request'
import { MAX_PUSH_BYTES } from './limits'

/** The real Git client, over real HTTP. */
const run = promisify(execFile)
const FULL = { algorithmAccess: 'full', dataAccess: 'none', canManage: true } as const

let database: TestDatabase
let runtime: ReturnType<typeof recordRuntimeCalls>
let server: Server
let owner: TestUser
let stranger: TestUser
let keys: Record<'owner' | 'reader' | 'stranger', string>
let folder: string

beforeAll(async () => {
  database = await testDatabase()
  runtime = recordRuntimeCalls()
  server = createServer(toNodeListener(handleGitRequest))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  owner = await makeUserContext(database.db)
  stranger = await makeUserContext(database.db)
  const makeKey = async (user: TestUser, access: Omit<CreateApiKey, 'label'>) =>
    (await createApiKey(user.ctx, { label: 'git', ...access })).key
  keys = {
    owner: await makeKey(owner, FULL),
    reader: await makeKey(owner, { ...FULL, canManage: false }),
    stranger: await makeKey(stranger, FULL),
  }
  folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-git-'))
})
afterAll(async () => {
  await whenBuildsAreDone()
  await new Promise((resolve) => server.close(resolve))
  runtime.end()
  rmSync(folder, { recursive: true, force: true })
  await database.close()
})

/** Runs Git without any of this machine's configuration; resolves with its exit code and what it said. */
async function git(args: string[], cwd = folder): Promise<{ code: number; text: string }> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  } as unknown as NodeJS.ProcessEnv
  try {
    const { stdout, stderr } = await run('git', args, { cwd, env })
    return { code: 0, text: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: stdout + stderr }
  }
}

type Algorithm = Awaited<ReturnType<typeof makeAlgorithm>>

function urlOf(algorithm: Algorithm, key = keys.owner): string {
  const { port } = server.address() as AddressInfo
  return `http://git:${key}@127.0.0.1:${port}/git/${algorithm.owner}/${algorithm.name}.git`
}

async function clone(algorithm: Algorithm, key = keys.owner): Promise<string> {
  const place = mkdtempSync(path.join(folder, 'clone-'))
  const { code, text } = await git(['clone', '-q', urlOf(algorithm, key), place])
  expect(code, text).toBe(0)
  return place
}

async function commit(place: string, files: Record<string, string>, message = 'By hand'): Promise<string> {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(place, name), text)
  await git(['add', '-A'], place)
  await git(['commit', '-q', '-m', message], place)
  return (await git(['rev-parse', 'HEAD'], place)).text.trim()
}

/** A commit whose tree has one file of any name, as only a tool of one's own could make it. */
async function commitByHand(place: string, name: string): Promise<void> {
  const write = (args: string[], input: string | Buffer) =>
    execFileSync('git', ['hash-object', '-w', '--stdin', ...args], { cwd: place, input })
      .toString()
      .trim()
  const blob = Buffer.from(write([], 'evil'), 'hex')
  const tree = write(['-t', 'tree', '--literally'], Buffer.concat([Buffer.from(`100644 ${name}\0`), blob]))
  const { text } = await git(['commit-tree', tree, '-p', 'HEAD', '-m', 'By hand'], place)
  await git(['update-ref', 'refs/heads/main', text.trim()], place)
}

const headOf = async (algorithm: Algorithm) => (await getSource(owner.ctx, algorithm.path)).headSha

describe('clone and push over HTTP', () => {
  it('gives the commits of the console, and takes one back, which is built', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Pushed')
    const place = await clone(algorithm)
    expect((await git(['rev-parse', 'HEAD'], place)).text.trim()).toBe(algorithm.commitSha)
    expect((await git(['branch', '--show-current'], place)).text.trim()).toBe('main')
    const sha = await commit(place, { 'src/Pushed.py': 'def apply(input):\n    return 2\n' })
    const pushed = await git(['push'], place)
    expect(pushed.code, pushed.text).toBe(0)
    await whenBuildsAreDone()
    const source = await getSource(owner.ctx, algorithm.path)
    expect(source).toMatchObject({ headSha: sha, isUntouched: false })
    expect(source.files.find((file) => file.path === 'src/Pushed.py')?.text).toContain('return 2')
    const { builds } = await listBuilds(owner.ctx, algorithm.path)
    expect(builds).toMatchObject([{ commitSha: sha, status: 'succeeded' }])
    const audit = await database.db.auditEvent.findFirstOrThrow({ where: { action: 'algorithm.push' } })
    expect(audit).toMatchObject({ actorKind: 'api-key', details: { fromSha: algorithm.commitSha, toSha: sha } })
  })

  it('brings what was saved in the console to a clone, and the other way round', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'BothWays')
    const place = await clone(algorithm)
    const changes = [{ path: 'notes.txt', text: 'from the console\n' }]
    const saved = await saveSource(owner.ctx, { ...algorithm.path, parentSha: algorithm.commitSha, changes })
    expect((await git(['pull', '-q', '--ff-only'], place)).code).toBe(0)
    expect(readFileSync(path.join(place, 'notes.txt'), 'utf8')).toBe('from the console\n')
    const sha = await commit(place, { 'notes.txt': 'from a clone\n' })
    expect((await git(['push', '-q'], place)).code).toBe(0)
    const again = [{ path: 'notes.txt', text: 'and back\n' }]
    await expect(
      saveSource(owner.ctx, { ...algorithm.path, parentSha: saved.commitSha, changes: again }),
    ).rejects.toMatchObject({ code: 'conflict' })
    await saveSource(owner.ctx, { ...algorithm.path, parentSha: sha, changes: again })
  })

  it('loses nothing when a push and a save come at the same moment', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Raced')
    const place = await clone(algorithm)
    let base = algorithm.commitSha
    for (let round = 0; round < 4; round++) {
      const pushedSha = await commit(place, { 'pushed.txt': `round ${round}\n` })
      const changes = [{ path: 'saved.txt', text: `round ${round}\n` }]
      const [pushed, saved] = await Promise.all([
        git(['push', '-q'], place),
        saveSource(owner.ctx, { ...algorithm.path, parentSha: base, changes }).catch(() => null),
      ])
      // At least one gets through, and never both onto the same parent.
      expect([pushed.code === 0, saved !== null].filter(Boolean), pushed.text).toHaveLength(1)
      base = await headOf(algorithm)
      expect(base).toBe(saved?.commitSha ?? pushedSha)
      await git(['fetch', '-q'], place)
      await git(['reset', '-q', '--hard', 'origin/main'], place)
    }
  })
})

describe('who may', () => {
  it('asks for a key, and takes none that is unknown', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Keyed')
    const { port } = server.address() as AddressInfo
    const address = `http://127.0.0.1:${port}/git/${algorithm.owner}/${algorithm.name}.git`
    const response = await fetch(`${address}/info/refs?service=git-upload-pack`)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
    expect((await git(['ls-remote', urlOf(algorithm, 'sim'.padEnd(28, 'x'))])).code).not.toBe(0)
    expect((await git(['ls-remote', address])).code).not.toBe(0)
    expect((await git(['ls-remote', urlOf(algorithm)])).code).toBe(0)
  })

  it('keeps closed source from strangers, as if it were not there', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Closed')
    await makeVersion(database.db, owner.ctx, algorithm, { callability: 'public' })
    const refused = await git(['ls-remote', urlOf(algorithm, keys.stranger)])
    expect(refused.code).not.toBe(0)
    expect(refused.text).toMatch(/not found/i)
  })

  it('lets everybody read open source, and only its owner write', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Open')
    await makeVersion(database.db, owner.ctx, algorithm, { callability: 'public' })
    await updateAlgorithm(owner.ctx, { ...algorithm.path, sourceVisibility: 'open', license: 'mit' })
    const place = await clone(algorithm, keys.stranger)
    await commit(place, { 'evil.txt': 'x' })
    expect((await git(['push', '-q'], place)).code).not.toBe(0)
    expect(await headOf(algorithm)).toBe(algorithm.commitSha)
  })

  it('takes no push with a key that may not manage', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Managed')
    const place = await clone(algorithm)
    await commit(place, { 'new.txt': 'x' })
    const refused = await git(['push', '-q', urlOf(algorithm, keys.reader), 'main'], place)
    expect(refused.code).not.toBe(0)
    expect(refused.text).toMatch(/may not manage|403/)
    expect(await headOf(algorithm)).toBe(algorithm.commitSha)
  })

  it('serves nothing but Git’s own three addresses', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Fenced')
    const { port } = server.address() as AddressInfo
    const headers = { authorization: `Basic ${Buffer.from(`git:${keys.owner}`).toString('base64')}` }
    const base = `http://127.0.0.1:${port}/git/${algorithm.owner}/${algorithm.name}.git`
    for (const rest of ['/HEAD', '/config', '/objects/info/packs', '/info/refs', '/../../encryption-key', '/hooks/x']) {
      expect((await fetch(`${base}${rest}`, { headers })).status, rest).toBe(404)
    }
  })
})

describe('what a push may bring', () => {
  it.each([
    ['another branch', ['push', '-q', 'origin', 'HEAD:other'], /one branch, main/],
    ['a tag', ['push', '-q', 'origin', 'HEAD:refs/tags/v1'], /one branch, main/],
    ['a deletion of main', ['push', '-q', 'origin', ':main'], /den|deleted/i],
  ])('refuses %s', async (what, args, why) => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, `Refused${what.replaceAll(' ', '')}`)
    const place = await clone(algorithm)
    await commit(place, { 'new.txt': 'x' })
    const refused = await git(args, place)
    expect(refused.code).not.toBe(0)
    expect(refused.text).toMatch(why)
    expect(await headOf(algorithm)).toBe(algorithm.commitSha)
  })

  it('never rewrites history', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Rewritten')
    const place = await clone(algorithm)
    const sha = await commit(place, { 'a.txt': 'one' })
    expect((await git(['push', '-q'], place)).code).toBe(0)
    await git(['commit', '-q', '--amend', '-m', 'Another past'], place)
    const refused = await git(['push', '-q', '--force'], place)
    expect(refused.code).not.toBe(0)
    expect(refused.text).toMatch(/non-fast-forward/)
    expect(await headOf(algorithm)).toBe(sha)
  })

  it('refuses links, files that are too large, and too many of them', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Oversize')
    const linked = await clone(algorithm)
    symlinkSync('/etc/passwd', path.join(linked, 'link'))
    await commit(linked, {})
    expect((await git(['push', '-q'], linked)).text).toContain('link is a link or a submodule')
    const large = await clone(algorithm)
    await commit(large, { 'large.txt': 'x'.repeat(1024 * 1024 + 1) })
    expect((await git(['push', '-q'], large)).text).toContain('large.txt is too large')
    const many = await clone(algorithm)
    await commit(many, Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`f${index}.txt`, `${index}`])))
    expect((await git(['push', '-q'], many)).text).toContain('There are too many files')
    expect(await headOf(algorithm)).toBe(algorithm.commitSha)
  })

  it('refuses names that lead out of the tree, that belong to Git, or that nobody could type', {
    timeout: 120_000,
  }, async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'BadNames')
    for (const [name, why] of [
      ['..', /contains '\.\.'/],
      ['../../evil.txt', /full pathnames/],
      ['.git', /contains '\.git'/],
      ['.GIT', /contains '\.git'/],
      ['two\nlines.txt', /has a name with a quote, a backslash or a control character/],
      ['back\\slash.txt', /has a name with a quote, a backslash or a control character/],
    ] as const) {
      const place = await clone(algorithm)
      await commitByHand(place, name)
      const refused = await git(['push', '-q'], place)
      expect(refused.code, name).not.toBe(0)
      expect(refused.text, name).toMatch(why)
    }
    expect(await headOf(algorithm)).toBe(algorithm.commitSha)
    const foreign = await clone(algorithm)
    await commit(foreign, { 'naïve – ü.txt': 'x' })
    expect((await git(['push', '-q'], foreign)).code).toBe(0)
  })

  it('refuses more than it takes at once, and a small pack that unfolds into a large tree', {
    timeout: 120_000,
  }, async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Flooded')
    const random = await clone(algorithm)
    await git(['config', 'core.compression', '0'], random)
    for (let index = 0; index * 1024 * 1024 <= MAX_PUSH_BYTES; index++) {
      writeFileSync(path.join(random, `part${index}.bin`), randomBytes(1024 * 1024))
    }
    await commit(random, {})
    expect((await git(['push', '-q'], random)).text).toMatch(/pack exceeds maximum allowed size/)
    const folded = await clone(algorithm)
    const zeros = '\0'.repeat(1024 * 1000)
    await commit(folded, Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`z${index}.bin`, zeros])))
    expect((await git(['push', '-q'], folded)).text).toContain('The files are too large in total')
    expect(await headOf(algorithm)).toBe(algorithm.commitSha)
  })

  it('takes a history of many commits at once, and the console reads it', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Long')
    const place = await clone(algorithm)
    let sha = ''
    for (let index = 0; index < 20; index++) sha = await commit(place, { 'log.txt': `${'line\n'.repeat(index)}end` })
    const pushed = await git(['push', '-q'], place)
    expect(pushed.code, pushed.text).toBe(0)
    expect(await headOf(algorithm)).toBe(sha)
    expect((await clone(algorithm)).length).toBeGreaterThan(0)
  })

  it('runs no hook of a repository', async () => {
    const algorithm = await makeAlgorithm(database.db, owner.ctx, 'Hooked')
    const gitdir = path.join(database.dataDirectory, 'git', `${algorithm.id}.git`)
    const mark = path.join(folder, 'hook-ran')
    mkdirSync(path.join(gitdir, 'hooks'), { recursive: true })
    writeFileSync(path.join(gitdir, 'hooks/post-update'), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 })
    const place = await clone(algorithm)
    await commit(place, { 'a.txt': 'one' })
    expect((await git(['push', '-q'], place)).code).toBe(0)
    expect(() => readFileSync(mark)).toThrow('ENOENT')
  })
})
