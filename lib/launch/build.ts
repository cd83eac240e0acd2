import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LaunchError } from './entry/launch-error.mjs'
import { runNode } from './entry/run-command.mjs'
import { step } from './entry/steps.mjs'
import { stopSignal } from './entry/stopping.mjs'

/** What the build is made of; the launcher, the broker and tests are not in it. */
const SOURCES = [
  'app',
  'components',
  'lib',
  'public',
  'prisma/schema.prisma',
  'package-lock.json',
  'next.config.js',
  'postcss.config.mjs',
  'tsconfig.json',
  'instrumentation.ts',
  'proxy.ts',
]
const LEFT_OUT = /^lib\/(generated|launch|emulator|testing)\/|\.test\.tsx?$|__pycache__/
/** What the built server needs; Next also copies every source file that some code might read by its path. */
const PLACED = ['server.js', 'package.json', '.next', 'node_modules', 'public']
const SHOWN_LINES = 40
const STAMP = 'headrace-build'

/** Builds the console when its sources changed since the last build. Returns the fingerprint of what is built. */
export async function buildConsole(root: string): Promise<string> {
  const standalone = path.join(root, '.next/standalone')
  const stamp = path.join(standalone, STAMP)
  const wanted = fingerprint(root)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return wanted
  await step('Building the console (about a minute)', () => runBuild(root))
  cpSync(path.join(root, '.next/static'), path.join(standalone, '.next/static'), { recursive: true })
  if (existsSync(path.join(root, 'public'))) {
    cpSync(path.join(root, 'public'), path.join(standalone, 'public'), { recursive: true })
  }
  writeFileSync(stamp, wanted)
  return wanted
}

/** A copy of the build for one data directory: a later build never changes the files below a running server. */
export function placeConsole(root: string, apps: string, build: string): string {
  const name = build.slice(0, 12)
  const folder = path.join(apps, name)
  if (!existsSync(folder)) {
    mkdirSync(apps, { recursive: true })
    const draft = path.join(apps, `.${name}-${process.pid}`)
    for (const part of PLACED) {
      const from = path.join(root, '.next/standalone', part)
      if (existsSync(from)) cpSync(from, path.join(draft, part), { recursive: true, verbatimSymlinks: true })
    }
    renameSync(draft, folder)
  }
  for (const other of readdirSync(apps)) {
    if (other !== name) rmSync(path.join(apps, other), { recursive: true, force: true })
  }
  return folder
}

/** SHA-256 over names and contents of the sources. */
export function fingerprint(root: string): string {
  const hash = createHash('sha256').update(process.version)
  for (const file of SOURCES.flatMap((source) => listFiles(root, source)).sort()) {
    const name = file.split(path.sep).join('/')
    if (!LEFT_OUT.test(name)) hash.update(`\0${name}\0`).update(readFileSync(path.join(root, file)))
  }
  return hash.digest('hex')
}

function listFiles(root: string, source: string): string[] {
  const at = path.join(root, source)
  if (!existsSync(at)) return []
  const entries = readdirSyncOrFile(at)
  if (!entries) return [source]
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(path.relative(root, entry.parentPath ?? entry.path), entry.name))
}

function readdirSyncOrFile(at: string) {
  try {
    return readdirSync(at, { recursive: true, withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}

async function runBuild(root: string): Promise<void> {
  const next = path.join(root, 'node_modules/next/dist/bin/next')
  const env = {
    ...process.env,
    NODE_ENV: 'production' as const,
    NEXT_TELEMETRY_DISABLED: '1',
    HEADRACE_SKIP_TYPE_CHECK: '1',
  }
  const { code, output: all } = await runNode(next, ['build'], { cwd: root, env })
  // Warnings come after the error and would push it out of sight.
  const output = (all.split('Turbopack build encountered')[0] ?? all).trim().split('\n').slice(-SHOWN_LINES).join('\n')
  stopSignal.throwIfAborted()
  if (code === 0 && existsSync(path.join(root, '.next/standalone/server.js'))) return
  const why =
    code === -1 ? `${output}\nThe build was killed; that is how a lack of memory looks (it needs 2 GB).` : output
  throw new LaunchError(
    'Building the console failed (next build).',
    why,
    'Fix what it says above; `npm run build` shows it again.',
  )
}
