import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { runCommand } from '../processes/spawn'

/** More than a worker may open, so that its sandbox can be made. */
const DESCRIPTORS = 300
/** More than a worker's start needs. */
const MOST_LEFT = 24
const TIMEOUT_MS = 120_000

const TEST_RUNTIME = fileURLToPath(new URL('../testing/test-runtime.ts', import.meta.url))
/** Starts workers with a few descriptors left, one more each time; says how it went, and which cgroups are left. */
const PROGRAM = `
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { startTestRuntime } from ${JSON.stringify(TEST_RUNTIME)}
const test = await startTestRuntime({ maxWorkers: 1 })
const versions = []
for (let left = 0; left < ${MOST_LEFT}; left++) versions.push(await test.addVersion('def apply(n):\\n    return n\\n'))
const went = []
for (const [left, version] of versions.entries()) {
  const held = []
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch {}
  for (const descriptor of held.splice(-left, left)) closeSync(descriptor)
  const invocation = await test.runtime.invoke(version, { type: 'json', bytes: Buffer.from('1') }, { timeoutMs: 20_000 })
  went.push(invocation.ok)
  for (const descriptor of held) closeSync(descriptor)
  await test.runtime.drop(version.algorithmId)
  while (test.runtime.stats().workers > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}
await test.close()
const cgroups = spawnSync('find', ['/sys/fs/cgroup', '-name', 'headrace-' + process.pid]).stdout.toString()
console.log(JSON.stringify({ went, cgroups }))
`

it.runIf(process.platform === 'linux')(
  'a server that has no descriptors for a worker stays, and nothing of the attempt is left',
  async () => {
    const script = ['--import', 'tsx', '--input-type=module', '-e', PROGRAM]
    const args = [`--nofile=${DESCRIPTORS}:${DESCRIPTORS}`, process.execPath, ...script]
    const command = { command: 'prlimit', args, env: { PATH: process.env.PATH ?? '' } }
    const { stdout, stderr } = await runCommand(command, TIMEOUT_MS)
    expect(stderr).toBe('')
    const { went, cgroups } = JSON.parse(stdout)
    expect([went[0], went.at(-1)]).toEqual([false, true])
    expect(cgroups).toBe('')
  },
  TIMEOUT_MS,
)
