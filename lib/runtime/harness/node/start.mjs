/**
 * First code of a Node worker: imports the algorithm and answers requests with it.
 *
 * start.mjs NAME          serve `src/NAME.js` (or .mjs, .cjs; or src/Algorithm.js)
 * start.mjs --check NAME  import only; the exit code and standard error say whether it can be loaded
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { startRelay } from './relay.mjs'

// 64: it can not be loaded as it is. 65: its own code threw, which a secret or the network may cure.
const EXIT_NOT_LOADED = 64
const EXIT_RAISED = 65
const EXTENSIONS = ['.js', '.mjs', '.cjs']
const NOT_LOADABLE = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_NO_APPLY', 'ERR_UNKNOWN_FILE_EXTENSION']

const isCheck = process.argv[2] === '--check'
const name = process.argv.at(-1)

// Where the relay's thread is wanted at once, it starts while the rest is loaded.
const relay = isCheck ? undefined : startRelay()
const { answerTo, errorAnswer, findApply } = await import('./algorithm.mjs')
const { Channel } = await import('./channel.mjs')
const { leadAgents, leadFetch } = await import('./outbound.mjs')
await relay
if (!isCheck) leadFetch()
// Nobody ends a worker whose server died as it started: then this throws. The algorithm's own code may never end.
const channel = isCheck ? undefined : new Channel()
try {
  const algorithm = await importAlgorithm(name)
  if (!isCheck) await serve(algorithm)
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error?.stack ?? error}\n`)
  // Later nobody waits for it: the server would take it for the algorithm's own.
  if (channel && !channel.isReady) channel.send('load', errorAnswer(error, 'LoadingError'))
  process.exit(error instanceof SyntaxError || NOT_LOADABLE.includes(error?.code) ? EXIT_NOT_LOADED : EXIT_RAISED)
}

async function importAlgorithm(name) {
  const candidates = [name, 'Algorithm'].flatMap((base) => EXTENSIONS.map((extension) => `src/${base}${extension}`))
  const file = candidates.find((candidate) => existsSync(candidate))
  if (!file) {
    const error = new Error(`There is no src/${name}.js: the algorithm's code must be there.`)
    throw Object.assign(error, { code: 'MODULE_NOT_FOUND' })
  }
  return findApply(await import(pathToFileURL(path.resolve(file)).href), file)
}

async function serve(algorithm) {
  await leadAgents()
  const loaded = await algorithm.load()
  channel.sayReady()
  await channel.serve(async (request) => {
    await leadAgents()
    if (request.problem !== undefined) return { kind: 'unparsed', body: request.problem }
    return answerTo(algorithm, request, loaded)
  })
}
