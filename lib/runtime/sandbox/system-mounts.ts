import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import type { Mount } from './sandbox'

/** Links into /usr on most systems, folders of their own on some. */
const ROOT_FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64']
/** What libraries read at run time: the loader's cache, alternatives, certificates, time zone. */
const SYSTEM_FILES = [
  '/etc/alternatives',
  '/etc/ld.so.cache',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/ca-certificates',
  '/etc/pki/tls/certs',
  '/etc/pki/ca-trust',
  '/etc/localtime',
  '/nix/store',
]
/** Shown as the sandbox's own /etc, from the harness folder. */
const OWN_ETC_FILES = ['passwd', 'group', 'nsswitch.conf']

/** bubblewrap's options for the read-only system: /usr, the loader, certificates, four files of our own in /etc. */
export function systemMountOptions(harnessDir: string): string[] {
  const options = ['--ro-bind', '/usr', '/usr']
  for (const folder of ROOT_FOLDERS) options.push(...rootFolderOptions(folder))
  for (const file of SYSTEM_FILES) options.push('--ro-bind-try', file, file)
  for (const file of OWN_ETC_FILES) options.push('--ro-bind', path.join(harnessDir, 'etc', file), `/etc/${file}`)
  return options
}

/**
 * Where an interpreter's own installation is, when it is not below /usr: `bin` and `lib` of its prefix.
 * @param interpreterPath with all links resolved
 */
export function interpreterMounts(interpreterPath: string): Mount[] {
  if (interpreterPath.startsWith('/usr/') || interpreterPath.startsWith('/nix/store/')) return []
  const prefix = path.dirname(path.dirname(interpreterPath))
  return ['bin', 'lib', 'lib64']
    .map((name) => path.join(/*turbopackIgnore: true*/ prefix, name))
    .filter((folder) => existsSync(/*turbopackIgnore: true*/ folder))
    .map((folder) => ({ host: folder, inside: folder }))
}

function rootFolderOptions(folder: string): string[] {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (!found) return []
  return found.isSymbolicLink() ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind', folder, folder]
}
