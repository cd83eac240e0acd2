/**
 * Completes package-lock.json after `npm install`.
 *
 * npm drops an optional platform package from the lock when the registry in reach does not serve it for this
 * platform, and `npm ci` then refuses that lock ("Missing: … from lock file"). This adds the dropped entries, with the
 * platform read from the package's name, so that a clone on any platform installs with `npm ci`.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const LOCK = 'package-lock.json'
const OPERATING_SYSTEMS = 'android darwin freebsd linux openbsd netbsd sunos aix openharmony win32 wasi'.split(' ')
const PROCESSORS = 'arm64 x64 arm ia32 ppc64 riscv64 s390x loong64 mips64el wasm32'.split(' ')

const lock = JSON.parse(readFileSync(LOCK, 'utf8'))
let added = 0
for (const [at, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(at, name) || !/^\d/.test(version)) continue
    const platform = platformOf(name)
    if (!platform) continue
    lock.packages[`node_modules/${name}`] = { version, ...(entry.dev && { dev: true }), optional: true, ...platform }
    added++
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(`${LOCK}: added ${added} platform packages\n`)

/** Whether `name`, required by the package installed at `at`, has an entry there or in a folder above it. */
function isLocked(at, name) {
  for (let folder = at; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true
    if (!folder) return false
  }
}

/** `@next/swc-linux-x64-musl` → `{ cpu: ['x64'], os: ['linux'], libc: ['musl'] }`; undefined when it names none. */
function platformOf(name) {
  const words = name.split(/[-/]/).map((word) => (word === 'windows' ? 'win32' : word === 'gnueabihf' ? 'arm' : word))
  const os = words.find((word) => OPERATING_SYSTEMS.includes(word))
  const cpu = words.find((word) => PROCESSORS.includes(word))
  if (!os && !cpu) return undefined
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined
  return { ...(cpu && { cpu: [cpu] }), ...(os && os !== 'wasi' && { os: [os] }), ...(libc && { libc: [libc] }) }
}
