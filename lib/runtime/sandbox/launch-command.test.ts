import { expect, it } from 'vitest'
import { NO_RELOCATION, planRelocation, relocatedPath } from './launch-command'

it('shows unreachable folders below a folder that none of them is in', () => {
  expect(planRelocation([])).toBe(NO_RELOCATION)
  const relocation = planRelocation(['/root/app/.data/envs', '/root/app/lib'])
  expect(relocation).toEqual({ root: '/mnt', folders: ['/root/app/.data/envs', '/root/app/lib'] })
  expect(relocatedPath('/root/app/.data/envs/key', relocation)).toBe('/mnt/0/key')
  expect(relocatedPath('/root/app/lib', relocation)).toBe('/mnt/1')
  expect(relocatedPath('/root/app/lib2', relocation)).toBe('/root/app/lib2')
  expect(planRelocation(['/mnt/disk/app']).root).toBe('/media')
})
