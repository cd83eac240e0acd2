import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { discoverEnvironments } from '@/lib/environments/discover'

const HARNESS = path.resolve('lib/runtime/harness/python')
/** The guide's own Python is offered where there is one, so what runs inside must be readable to it. */
const PARSE = 'import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name).read(), name, feature_version=(3, 7))'

it('what runs beside an algorithm is written in the Python 3.7 of the guide', async () => {
  const python = (await discoverEnvironments()).find(({ language }) => language === 'python')
  if (!python) throw new Error('this test needs a Python 3')
  const files = readdirSync(HARNESS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.py'))
  expect(files.length).toBeGreaterThan(10)
  execFileSync(python.interpreterPath, ['-c', PARSE, ...files.map((name) => path.join(HARNESS, name))])
})
