import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LaunchError } from './launch-error.mjs'
import { ROOT } from './root.mjs'
import { runCommand, runNode } from './run-command.mjs'
import { stopSignal } from './stopping.mjs'

const NO_REGISTRY = /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENETUNREACH|EHOSTUNREACH|network/i
const SCHEMA = path.join(ROOT, 'prisma/schema.prisma')
const CLIENT = path.join(ROOT, 'lib/generated/prisma/client.ts')
const CLIENT_STAMP = path.join(ROOT, 'lib/generated/schema.sha256')

/** Whether node_modules holds what package-lock.json names: npm writes its own list when an installation is whole. */
export function arePackagesInstalled(root = ROOT) {
  const installedList = path.join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedList)) return false
  const installed = JSON.parse(readFileSync(installedList, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages
  return Object.entries(wanted).every(
    ([at, entry]) => at === '' || entry.optional || installed[at]?.version === entry.version,
  )
}

/** Installs exactly what package-lock.json names. */
export async function installPackages() {
  // As npm's child we know which npm runs us; otherwise the one on the PATH does.
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional']
  const { code, output } = npm?.endsWith('.js')
    ? await runNode(npm, args, { cwd: ROOT })
    : await runCommand('npm', args, { cwd: ROOT })
  stopSignal.throwIfAborted()
  if (code === 0) return
  if (/ENOSPC|No space left/i.test(output)) {
    throw new LaunchError('Installing packages failed.', 'The disk is full.', 'Free 2 GB, then run the command again.')
  }
  const lines = output.split('\n').slice(-12).join('\n')
  throw new LaunchError(
    'Installing packages failed (npm ci).',
    NO_REGISTRY.test(output) ? `The package registry could not be reached.\n${lines}` : lines,
    NO_REGISTRY.test(output)
      ? 'Check the network or proxy (`npm config get registry`, `npm ping`), then run the command again.'
      : 'Fix what npm says above, then run the command again.',
  )
}

/** Generates the database client when schema.prisma changed. */
export async function generateClient() {
  const stamp = createHash('sha256').update(readFileSync(SCHEMA)).digest('hex')
  const isCurrent = existsSync(CLIENT) && existsSync(CLIENT_STAMP) && readFileSync(CLIENT_STAMP, 'utf8') === stamp
  if (isCurrent) return
  const { code, output } = await runNode(path.join(ROOT, 'lib/launch/generate.mjs'), [], { cwd: ROOT })
  stopSignal.throwIfAborted()
  if (code !== 0) {
    throw new LaunchError(
      'Generating the database client failed.',
      output,
      '`npm run generate` shows it again; `npm ci` repairs node_modules.',
    )
  }
  mkdirSync(path.dirname(CLIENT_STAMP), { recursive: true })
  writeFileSync(CLIENT_STAMP, stamp)
}
