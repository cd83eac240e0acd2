/**
 * Starts the engine alone (engine.ts), from one bundled file: without a compiler in memory, and without Next. The bundle
 * is made by the first start, and again when a source is newer; packages stay where they are.
 */
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from './entry/root.mjs'

const SOURCES = path.join(ROOT, 'lib')
const BUNDLE = path.join(SOURCES, 'generated/engine/engine.mjs')
const IS_SOURCE = /(?<!\.test)\.(ts|mjs)$/
const LEFT_OUT = /^generated[/\\](?!prisma)/

process.env.HEADRACE_ROOT ??= ROOT
process.env.NODE_ENV ??= 'production'
if (!isCurrent()) await bundle()
await import(pathToFileURL(BUNDLE).href)

function isCurrent() {
  const bundledAtMs = statSync(BUNDLE, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = readdirSync(SOURCES, { recursive: true }).filter(
    (name) => IS_SOURCE.test(String(name)) && !LEFT_OUT.test(String(name)),
  )
  return sources.every((name) => statSync(path.join(SOURCES, String(name))).mtimeMs < bundledAtMs)
}

/** Several may do it at the same time: each writes files of its own and moves them into place. */
async function bundle() {
  const { build } = await import('esbuild')
  const outfile = `${BUNDLE}.${process.pid}`
  mkdirSync(path.dirname(BUNDLE), { recursive: true })
  await build({
    entryPoints: [path.join(SOURCES, 'launch/engine.ts')],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    tsconfig: path.join(ROOT, 'tsconfig.json'),
    logLevel: 'error',
  })
  renameSync(outfile, BUNDLE)
}
