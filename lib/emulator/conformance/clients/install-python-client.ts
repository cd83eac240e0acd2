import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const CACHE = fileURLToPath(new URL('../../../../.data/python-clients/', import.meta.url))
const INSTALL_TIMEOUT_MS = 180_000

/**
 * An interpreter with this package (`name==version`), installed from the package index into a virtual environment that
 * is kept for later runs. Fails when it can not be installed: the conformance of this client is then not known.
 */
export async function installPythonClient(requirement: string): Promise<string> {
  const version = (await run('python3', ['--version'])).stdout.trim().replace(' ', '-').toLowerCase()
  const directory = join(CACHE, `${requirement.replace('==', '-')}-${version}`)
  const interpreter = (root: string) => join(root, 'bin', 'python')
  if (existsSync(interpreter(directory))) return interpreter(directory)
  mkdirSync(CACHE, { recursive: true })
  // Made beside its place and moved there when whole, so that a broken-off installation is not taken for one.
  const unfinished = `${directory}.${process.pid}`
  try {
    await run('python3', ['-m', 'venv', unfinished])
    await run(interpreter(unfinished), ['-m', 'pip', 'install', '--quiet', requirement], {
      timeout: INSTALL_TIMEOUT_MS,
    })
    rmSync(directory, { recursive: true, force: true })
    renameSync(unfinished, directory)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    const { stderr, message } = error as Error & { stderr?: string }
    throw new Error(`${requirement} could not be installed for the conformance tests: ${stderr || message}`)
  }
  return interpreter(directory)
}
