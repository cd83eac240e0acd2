import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SandboxLevel } from '../port'
import { createSandbox } from './create-sandbox'
import type { Sandbox } from './sandbox'

let folder: string
let sandbox: Sandbox | undefined

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-levels-'))
  await chmod(folder, 0o755)
  for (const name of ['run', 'bin', 'run/harness']) await mkdir(path.join(folder, name))
  await symlink(path.resolve('lib/runtime/harness/etc'), path.join(folder, 'run/harness/etc'))
})
afterEach(async () => {
  await sandbox?.close()
  sandbox = undefined
  await rm(folder, { recursive: true, force: true })
})

describe('the level of the sandbox', () => {
  it('is what really ran: with a sandbox here, no more than was asked for, and its reason is told', async () => {
    const report = await find({ highestLevel: 'standard' })
    expect(report).toEqual({
      level: 'standard',
      reasons: ['Cgroups are switched off. Memory is watched by the server instead.'],
    })
  })

  it('is none without bubblewrap, which is what to install', async () => {
    await offer('prlimit', 'sh')
    expect(await find({ searchPath: path.join(folder, 'bin') })).toEqual({
      level: 'none',
      reasons: ['The program bwrap is not installed.'],
      fix: 'Install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap), then restart Headrace.',
    })
  })

  it('is none without prlimit', async () => {
    await offer('bwrap', 'sh')
    expect(await find({ searchPath: path.join(folder, 'bin') })).toMatchObject({
      level: 'none',
      reasons: ['The program prlimit is not installed.'],
      fix: 'Install util-linux, then restart Headrace.',
    })
  })

  it('is none where the kernel denies user namespaces, with what it said', async () => {
    await offer('prlimit', 'sh')
    // The real bubblewrap, inside one that forbids what the inner one needs: as in a locked container.
    await program('bwrap', 'exec /usr/bin/bwrap --unshare-user --disable-userns --dev-bind / / /usr/bin/bwrap "$@"')
    const report = await find({ searchPath: `${path.join(folder, 'bin')}:/usr/bin:/bin` })
    expect(report).toMatchObject({ level: 'none', fix: expect.stringContaining('sysctl -w user.max_user_namespaces=') })
    expect(report.reasons.join(' ')).toMatch(
      /^bubblewrap can not make a sandbox here, because the kernel allows no more namespaces \(bwrap: .*\)\.$/,
    )
  })

  it('is none with a bubblewrap that is too old for the options', async () => {
    await offer('prlimit', 'sh')
    await program('bwrap', 'echo "bwrap: Unknown option --disable-userns" >&2; [ "$1" = --version ]')
    expect(await find({ searchPath: `${path.join(folder, 'bin')}:/usr/bin:/bin` })).toMatchObject({
      level: 'none',
      fix: 'Install bubblewrap 0.8 or newer, then restart Headrace.',
    })
  })

  it('is none when isolation is switched off', async () => {
    expect(await find({ highestLevel: 'none' })).toEqual({ level: 'none', reasons: ['Isolation is switched off.'] })
  })
})

async function find(options: { highestLevel?: SandboxLevel; searchPath?: string }) {
  const run = path.join(folder, 'run')
  sandbox = await createSandbox({
    harnessDir: path.join(run, 'harness'),
    runDir: run,
    folders: [],
    highestLevel: 'strict',
    ...options,
  })
  return sandbox.report
}

/** Programs of this system that are found, and no others. */
async function offer(...names: string[]): Promise<void> {
  for (const name of names) await symlink(`/usr/bin/${name}`, path.join(folder, 'bin', name))
}

async function program(name: string, script: string): Promise<void> {
  await writeFile(path.join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}
