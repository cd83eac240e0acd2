import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { discoverEnvironments } from '@/lib/environments/discover'
import { startProcess } from '../processes/spawn'
import { HARNESS_DIR } from '../testing/test-runtime'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-orphan-'))
  await mkdir(path.join(folder, 'src'))
  for (const name of ['answers', 'tickets']) spawnSync('mkfifo', [path.join(folder, name)])
})
afterEach(() => rm(folder, { recursive: true }))

it.each([
  ['python', 'python/start.py', 'src/Echo.py', 'while True: pass\n'],
  ['node', 'node/start.mjs', 'src/Echo.mjs', 'for (;;) {}\n'],
] as const)(
  'a %s worker whose server died while it started ends before its algorithm begins',
  async (language, start, file, code) => {
    const found = await discoverEnvironments()
    const command = found.find((environment) => environment.language === language)?.interpreterPath as string
    await writeFile(path.join(folder, file), code)
    const child = startProcess({
      command,
      args: [path.join(HARNESS_DIR, start), 'Echo'],
      cwd: folder,
      // Nobody has the other ends of its pipes.
      env: { HEADRACE_ANSWER_PIPE: path.join(folder, 'answers'), HEADRACE_TICKET_PIPE: path.join(folder, 'tickets') },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
    const [exitCode] = await once(child, 'exit')
    clearTimeout(timer)
    expect(exitCode).toBeGreaterThan(0)
  },
)
