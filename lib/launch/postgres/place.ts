import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Who the server runs as: empty means as ourselves. Postgres refuses to run as root. */
export type RunAs = { uid?: number; gid?: number }

/** Where a cluster's programs and data are, and who runs it. */
export type Place = { binaries: string; cluster: string; runAs: RunAs }

const ELSEWHERE = '/var/tmp/headrace-postgres-'

/**
 * Decides where the cluster of `directory` lives: below it, unless we are root and the unprivileged user may not
 * enter it (a clone below a 0700 folder such as /root). Then programs and data live in a folder of their own, whose
 * name `directory/elsewhere` keeps: another clone, or this one made anew, never finds a foreign cluster there.
 */
export function choosePlace(directory: string, binaries: string): Place {
  const runAs = unprivilegedUser()
  const cluster = path.join(directory, 'cluster')
  mkdirSync(directory, { recursive: true, mode: 0o711 })
  if (runAs.uid === undefined) {
    mkdirSync(cluster, { recursive: true, mode: 0o700 })
    return { binaries, cluster, runAs }
  }
  const note = path.join(directory, 'elsewhere')
  const elsewhere = existsSync(note) ? readFileSync(note, 'utf8').trim() : undefined
  if (!elsewhere) {
    chmodSync(directory, 0o711)
    makeOwned(cluster, runAs)
    if (canEnter(binaries, runAs) && canEnter(cluster, runAs)) return { binaries, cluster, runAs }
  }
  const home = elsewhere && existsSync(elsewhere) ? elsewhere : mkdtempSync(ELSEWHERE)
  writeFileSync(note, `${home}\n`)
  return furnish(home, binaries, runAs)
}

function furnish(home: string, binaries: string, runAs: RunAs): Place {
  chmodSync(home, 0o711)
  const copy = path.join(home, 'native')
  if (!existsSync(path.join(copy, 'complete'))) {
    cpSync(binaries, copy, { recursive: true, verbatimSymlinks: true, force: true })
    writeFileSync(path.join(copy, 'complete'), '')
  }
  const cluster = path.join(home, 'cluster')
  makeOwned(cluster, runAs)
  return { binaries: copy, cluster, runAs }
}

function makeOwned(folder: string, { uid, gid }: RunAs): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  chmodSync(folder, 0o700)
}

function canEnter(folder: string, runAs: RunAs): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...runAs, cwd: '/' }).status === 0
}

/** As root, the user `nobody`, which every Unix has; no user is added to the machine. */
function unprivilegedUser(): RunAs {
  if (process.getuid?.() !== 0) return {}
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === 'nobody') return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('Postgres does not run as root, and there is no user "nobody" to run it as. Start as another user.')
}
