import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { runCommand } from '../processes/spawn'
import { launchCommand } from './launch-command'
import { openRelocation, planRelocation, relocatedPath } from './relocation'
import { isRoot } from './worker-identity'

it('shows unreachable folders below a folder that none of them is in', () => {
  expect(planRelocation([]).folders).toEqual([])
  const plan = planRelocation(['/root/app/.data/envs', '/root/app/lib'])
  expect(plan).toEqual({ root: '/mnt', folders: ['/root/app/.data/envs', '/root/app/lib'] })
  expect(relocatedPath('/root/app/.data/envs/key', plan)).toBe('/mnt/0/key')
  expect(relocatedPath('/root/app/lib', plan)).toBe('/mnt/1')
  expect(relocatedPath('/root/app/lib2', plan)).toBe('/root/app/lib2')
  expect(planRelocation(['/mnt/disk/app']).root).toBe('/media')
})

it.skipIf(!isRoot())('shows them to what is launched, which is not root any more, until it is closed', async () => {
  const hidden = await mkdtemp(path.join(os.tmpdir(), 'headrace-hidden-')) // for its owner alone
  const folder = path.join(hidden, 'folder')
  await mkdir(folder)
  await chmod(folder, 0o755)
  await writeFile(path.join(folder, 'file'), 'seen\n', { mode: 0o644 })
  const relocation = await openRelocation(planRelocation([folder]))
  const file = relocatedPath(path.join(folder, 'file'), relocation)
  const look = launchCommand(['/bin/sh', '-c', `cat ${file}; id -u; id -G`], {
    processFiles: [],
    relocation,
    uid: 64_321,
  })
  const launch = () => runCommand({ ...look, env: { PATH: '/usr/bin:/bin' } }, 10_000)
  expect(await launch()).toMatchObject({ code: 0, stdout: 'seen\n64321\n64321\n' })
  relocation.close()
  relocation.close()
  expect((await launch()).code).not.toBe(0)
  await rm(hidden, { recursive: true, force: true })
})

it.skipIf(!isRoot())('tells why they can not be shown', async () => {
  await expect(openRelocation({ root: '/mnt', folders: ['/no/such/folder'] })).rejects.toThrow(/no\/such\/folder/)
})
