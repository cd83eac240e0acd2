import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { runCommand } from '../processes/spawn'
import { launchCommand } from './launch-command'
import { openRelocation, planRelocation } from './relocation'
import { isRoot } from './worker-identity'

const WHO = ['/bin/sh', '-c', 'echo $$; id -u; id -G; grep CapEff /proc/self/status']

it.skipIf(!isRoot()).each([
  ['', false],
  [' and enters the namespace of relocated folders', true],
])('joins cgroups that only root may join, then leaves root for good%s', async (_, isRelocated) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-join-')) // for its owner alone, as the files are
  const processFiles = ['memory', 'pids'].map((name) => path.join(folder, name))
  for (const file of processFiles) await writeFile(file, '', { mode: 0o600 })
  const relocation = await openRelocation(isRelocated ? planRelocation([folder]) : { root: '/', folders: [] })
  const launched = launchCommand(WHO, { processFiles, relocation, uid: 64_321 })
  const { code, stdout } = await runCommand({ ...launched, env: { PATH: '/usr/bin:/bin' }, cwd: '/' }, 10_000)
  const [pid, ...who] = stdout.trim().split('\n')
  expect({ code, who }).toEqual({ code: 0, who: ['64321', '64321', 'CapEff:\t0000000000000000'] })
  for (const file of processFiles) expect((await readFile(file, 'utf8')).trim()).toBe(pid)
  relocation.close()
  await rm(folder, { recursive: true, force: true })
})
