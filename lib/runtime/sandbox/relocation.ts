import { closeSync, existsSync, openSync } from 'node:fs'
import { startPiped } from '../processes/spawn'
import { waitForEnd } from './wait-for-end'

/** Folders of the program that the workers' user can not reach, and the folder below which they are shown instead. */
export type RelocationPlan = { root: string; folders: string[] }

/** A plan in force: in the mount namespace at `namespacePath`, where there is anything to show. May be closed twice. */
export type Relocation = RelocationPlan & { namespacePath: string | undefined; close(): void }

const NOTHING_TO_SHOW: RelocationPlan = { root: '/', folders: [] }

/** Folders that every system has and that sandboxes do not need; what is in them is hidden from the launch. */
const RELOCATION_ROOTS = ['/mnt', '/media', '/srv']
const SEARCH_PATH = '/usr/bin:/bin:/usr/sbin:/sbin'
const DONE_WORD = 'shown'

/** Shows the folders `$2…` as `$1/0`, `$1/1` …, says so, and waits until its input ends. */
const SHOW_SCRIPT = [
  'root=$1; shift; mount -t tmpfs -o mode=755 headrace "$root" || exit',
  'i=0; for folder in "$@"; do mkdir "$root/$i" && mount --bind "$folder" "$root/$i" || exit; i=$((i+1)); done',
  `echo ${DONE_WORD}; read -r _`,
].join('\n')

/** Where to show folders that the workers' user can not reach; only root can. */
export function planRelocation(folders: string[]): RelocationPlan {
  if (folders.length === 0) return NOTHING_TO_SHOW
  const root = RELOCATION_ROOTS.find(
    (candidate) => existsSync(candidate) && !folders.some((folder) => folder.startsWith(`${candidate}/`)),
  )
  return root ? { root, folders } : NOTHING_TO_SHOW
}

/** The path of a host file as it is seen after the relocation. */
export function relocatedPath(host: string, { root, folders }: RelocationPlan): string {
  const index = folders.findIndex((folder) => host === folder || host.startsWith(`${folder}/`))
  return index < 0 ? host : `${root}/${index}${host.slice((folders[index] as string).length)}`
}

/**
 * Makes a mount namespace in which the folders (of a checkout below /root, say) are shown where every user can enter. Made
 * once: to do it for each start would take as long as the rest of the start. It lives as long as our descriptor of it.
 * Throws with what the system said when it can not be made.
 */
export async function openRelocation(plan: RelocationPlan): Promise<Relocation> {
  if (plan.folders.length === 0) return { ...plan, namespacePath: undefined, close: () => undefined }
  const script = ['/bin/sh', '-c', SHOW_SCRIPT, 'sh', plan.root, ...plan.folders]
  const maker = startPiped({
    command: 'unshare',
    args: ['--mount', '--propagation', 'private', ...script],
    env: { PATH: SEARCH_PATH },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const { stdin: input, stdout: output, stderr: errors } = maker
  const ended = waitForEnd(maker, async () => undefined)
  const said = { output: '', errors: '' }
  errors.on('data', (chunk: Buffer) => {
    said.errors += chunk
  })
  const isShown = await Promise.race([
    ended.then(() => false),
    new Promise<boolean>((resolve) => {
      output.on('data', (chunk: Buffer) => {
        said.output += chunk
        if (said.output.includes(DONE_WORD)) resolve(true)
      })
    }),
  ])
  if (!isShown) throw new Error(said.errors.trim() || (await ended).failure || 'unshare failed')
  const descriptor = openSync(`/proc/${maker.pid}/ns/mnt`, 'r')
  input.end()
  await ended
  const namespacePath = `/proc/${process.pid}/fd/${descriptor}`
  let isOpen = true
  const close = () => {
    // Twice would be somebody else's descriptor.
    if (isOpen) closeSync(descriptor)
    isOpen = false
  }
  return { ...plan, namespacePath, close }
}
