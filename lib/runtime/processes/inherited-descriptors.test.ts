import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const INHERITED = 40
const MODULE = fileURLToPath(new URL('./inherited-descriptors.ts', import.meta.url))
/** Says which of its descriptors a program that it starts has, once or twice. */
const PROGRAM = `
import { spawnSync } from 'node:child_process'
import { closeInheritedDescriptors } from ${JSON.stringify(MODULE)}
const handedOn = () => spawnSync('ls', ['/proc/self/fd'], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.toString().trim().split('\\n')
const before = handedOn()
closeInheritedDescriptors()
closeInheritedDescriptors()
console.log(JSON.stringify([before, handedOn()]))
`

it.runIf(process.platform === 'linux')('a program gets nothing of what this process was started with', () => {
  const descriptor = openSync('/dev/zero', 'r')
  const stdio = Array.from({ length: INHERITED + 1 }, () => 'ignore' as 'ignore' | 'pipe' | number)
  stdio[1] = 'pipe'
  stdio[2] = 2
  stdio[INHERITED] = descriptor
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM], { stdio })
  closeSync(descriptor)
  const [before, after] = JSON.parse(stdout?.toString() ?? '')
  expect(before).toContain(String(INHERITED))
  // Its own three, and the one that it lists with.
  expect(after).toHaveLength(4)
  expect(after).not.toContain(String(INHERITED))
})

/** Says how many of V8's logs are open, before and after. */
const PROFILED = `
import { readdirSync, readlinkSync } from 'node:fs'
import { closeInheritedDescriptors } from ${JSON.stringify(MODULE)}
const target = (descriptor) => {
  try {
    return readlinkSync('/proc/self/fd/' + descriptor)
  } catch {
    return ''
  }
}
const countLogs = () => readdirSync('/proc/self/fd').map(target).filter((file) => file.endsWith('v8.log')).length
const before = countLogs()
closeInheritedDescriptors()
console.log(JSON.stringify([before, countLogs()]))
`

it.runIf(process.platform === 'linux')('what V8 writes for a profiler stays open', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-profile-'))
  const profiling = ['--prof', `--logfile=${folder}/v8.log`]
  const script = ['--import', 'tsx', '--input-type=module', '-e', PROFILED]
  const { stdout } = spawnSync(process.execPath, [...profiling, ...script])
  rmSync(folder, { recursive: true })
  const [before, after] = JSON.parse(stdout.toString())
  // One for each of its threads that runs JavaScript.
  expect(before).toBeGreaterThan(0)
  expect(after).toBe(before)
})
