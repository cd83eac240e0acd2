import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { discoverEnvironments } from '@/lib/environments/discover'
import { HARNESS_DIR } from './test-runtime'

const SCRIPT = path.resolve('lib/runtime/testing/compare_codec.py')

it('workers read and write JSON as Python’s package json does, with every Python of this machine', async () => {
  const pythons = (await discoverEnvironments()).filter(({ language }) => language === 'python')
  expect(pythons.length).toBeGreaterThan(0)
  for (const { interpreterPath, displayName } of pythons) {
    const said = execFileSync(interpreterPath, [SCRIPT, path.join(HARNESS_DIR, 'python')], { encoding: 'utf8' })
    expect(said, displayName).toBe('the same\n')
  }
})
