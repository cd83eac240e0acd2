import { readOptions } from './options'
import { type Figure, publish } from './report'
import { benchCalls } from './runtime/calls'
import { benchHttp } from './runtime/http'
import { benchScale } from './runtime/scale'
import { benchStart } from './runtime/start'
import { findLanguages } from './runtime/subjects'

const PARTS = { start: benchStart, scale: benchScale, calls: benchCalls, http: benchHttp }

const options = readOptions('runtime', Object.keys(PARTS))
const languages = await findLanguages()
const figures: Figure[] = []
for (const [name, bench] of Object.entries(PARTS)) {
  if (options.only.length > 0 && !options.only.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  figures.push(...(await bench({ languages, options })))
}
publish({
  name: 'runtime',
  title: 'Sandboxed workers; baseline: the same work by a bare process over pipes, without sandbox and contract',
  options,
  figures,
})
