/**
 * Starts the broker (cli.ts), from one bundled file: to compile its hundred modules at each start would take longer
 * than everything else it does. The bundle is made by the first start, and again when a source is newer; one who can not
 * write beside the sources makes it at each start, in a temporary folder.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const SOURCES = fileURLToPath(new URL('.', import.meta.url))
const PACKAGES = fileURLToPath(new URL('../../package.json', import.meta.url))
const BUNDLE = fileURLToPath(new URL('../generated/broker/broker.mjs', import.meta.url))

/** CommonJS packages inside an ES module still ask for Node's own modules in their way. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

if (isCurrent()) await run(BUNDLE)
else if (canWrite(dirname(BUNDLE))) {
  await bundle(BUNDLE)
  await run(BUNDLE)
} else await runTemporarily()

function isCurrent() {
  const bundledAtMs = existsSync(BUNDLE) ? statSync(BUNDLE).mtimeMs : 0
  const sources = readdirSync(SOURCES, { recursive: true }).filter((path) => /(?<!\.test)\.(ts|mjs)$/.test(path))
  return [PACKAGES, ...sources.map((path) => join(SOURCES, path))].every((path) => statSync(path).mtimeMs < bundledAtMs)
}

function canWrite(folder) {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function run(file) {
  await import(pathToFileURL(file).href)
}

/** In a folder of this process alone: what another user had put there before would run with our rights. */
async function runTemporarily() {
  const folder = makeTemporaryFolder()
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const file = join(folder, 'broker.mjs')
  await bundle(file)
  await run(file)
  remove()
}

function makeTemporaryFolder() {
  try {
    return mkdtempSync(join(tmpdir(), 'headrace-broker-'))
  } catch (error) {
    const places = `${dirname(BUNDLE)} or ${tmpdir()}`
    process.stderr.write(`broker: can not be made ready to run: ${error.message}. Make ${places} writable.\n`)
    process.exit(1)
  }
}

/** Several may do it at the same time: each writes a file of its own and moves it into place. */
async function bundle(file) {
  const { build } = await import('esbuild')
  const outfile = `${file}.${process.pid}`
  await build({
    entryPoints: [join(SOURCES, 'cli.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    banner: { js: REQUIRE },
    logLevel: 'error',
  })
  renameSync(outfile, file)
}
