/**
 * Starts the broker (cli.ts), from one bundled file: to compile its hundred modules at each start would take longer
 * than everything else it does. The bundle is made by the first start, and again when a source is newer.
 */
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const SOURCES = fileURLToPath(new URL('.', import.meta.url))
const PACKAGES = fileURLToPath(new URL('../../package.json', import.meta.url))
const BUNDLE = fileURLToPath(new URL('../generated/broker/broker.mjs', import.meta.url))

/** CommonJS packages inside an ES module still ask for Node's own modules in their way. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

if (!isCurrent()) await bundle()
await import(pathToFileURL(BUNDLE).href)

function isCurrent() {
  const bundledAtMs = statSync(BUNDLE, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = readdirSync(SOURCES, { recursive: true }).filter((path) => /(?<!\.test)\.(ts|mjs)$/.test(path))
  return [PACKAGES, ...sources.map((path) => join(SOURCES, path))].every((path) => statSync(path).mtimeMs < bundledAtMs)
}

/** Several may do it at the same time: each writes a file of its own and moves it into place. */
async function bundle() {
  const { build } = await import('esbuild')
  const outfile = `${BUNDLE}.${process.pid}`
  mkdirSync(dirname(BUNDLE), { recursive: true })
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
  renameSync(outfile, BUNDLE)
}
