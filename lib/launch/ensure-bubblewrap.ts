import { accessSync, constants, existsSync } from 'node:fs'
import path from 'node:path'
import { runCommand } from './entry/run-command.mjs'
import { step } from './entry/steps.mjs'

/** Whether a program is on the PATH. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** On Debian (and Ubuntu) as root we may install what is missing; elsewhere we only name it. */
export const canInstallPackages = () =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && isOnPath('apt-get')

/** Installs Debian packages. Returns what apt-get said last when it failed. */
export async function installDebianPackages(names: string[]): Promise<string | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120']
  const update = await runCommand('apt-get', ['update'], { env })
  const install = await runCommand('apt-get', ['install', ...options, ...names], { env })
  return install.code === 0 ? undefined : `${update.code === 0 ? '' : update.output}\n${install.output}`.trim()
}

/** Brings the sandbox helper where we may. Returns a sentence for people when it is missing. */
export async function ensureBubblewrap(): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return 'This system has no sandbox: algorithms can read and change whatever this server can. Run only code that you trust.'
  }
  if (isOnPath('bwrap')) return undefined
  if (!canInstallPackages()) {
    return 'bubblewrap is not installed, so algorithms run without a sandbox. `sudo apt-get install bubblewrap` (or `dnf`, `pacman`), then start again.'
  }
  const failure = await step('Installing bubblewrap, the sandbox for algorithms (apt-get)', () =>
    installDebianPackages(['bubblewrap']),
  )
  if (!failure) return undefined
  return `bubblewrap could not be installed, so algorithms run without a sandbox. \`apt-get install bubblewrap\` says:\n${failure}`
}
