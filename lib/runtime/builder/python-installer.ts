import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from '../processes/spawn'
import type { Mount } from '../sandbox/sandbox'
import { sandboxIdentity } from '../sandbox/worker-identity'

/** What installs packages into a virtual environment. */
export type Installer = {
  /** For the log, say `pip 23.0.1`. */
  name: string
  kind: 'pip' | 'uv'
  /** The command up to its verb, `install` or `freeze`, for an environment. */
  command: (verb: 'install' | 'freeze', environment: string, locate: (mount: Mount) => string) => string[]
  /** Its own files, when they are not below /usr. */
  mounts: Mount[]
}

/** What an interpreter says of itself. */
export type InterpreterFacts = {
  /** Interpreter, version and platform: environments are made for exactly this. */
  tag: string
  /** Say `3.11.2`. */
  version: string
  pipVersion: string | null
  /** pip as the wheel that comes with `ensurepip`. */
  pipWheel: string | null
}

const INSPECT_TIMEOUT_MS = 20_000
/** `pip --python` came with 22.3. */
const FIRST_PIP_WITH_PYTHON_OPTION = [22, 3] as const

const INSPECT = `
import glob, json, os, platform, sys, sysconfig
def wheel():
    try:
        import ensurepip
    except ImportError:
        return None
    folders = [os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"), "/usr/share/python-wheels"]
    found = [wheel for folder in folders for wheel in sorted(glob.glob(folder + "/pip-*.whl"))]
    return found[-1] if found else None
def pip():
    try:
        import pip
        return pip.__version__
    except ImportError:
        return None
tag = "-".join([sys.implementation.name, platform.python_version(), sysconfig.get_platform(), *platform.libc_ver()])
version = platform.python_version()
print(json.dumps({"tag": tag, "version": version, "pipVersion": pip(), "pipWheel": wheel()}))
`

/** Asks an interpreter, as the user that workers run as. Throws when it does not answer. */
export async function inspectInterpreter(interpreterPath: string): Promise<InterpreterFacts> {
  const spec = {
    command: interpreterPath,
    args: ['-I', '-c', INSPECT],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    cwd: '/',
    ...sandboxIdentity(),
  }
  const answer = await runCommand(spec, INSPECT_TIMEOUT_MS)
  if (answer.code !== 0) throw new Error(`${interpreterPath} does not work: ${answer.failure ?? answer.stderr.trim()}`)
  return JSON.parse(answer.stdout) as InterpreterFacts
}

/** uv where it is installed; else the interpreter's pip; else the pip of its `ensurepip`. */
export async function findInstaller(
  interpreterPath: string,
  facts: InterpreterFacts,
  searchPath = process.env.PATH ?? '',
): Promise<Installer | undefined> {
  const uv = await findUv(searchPath)
  if (uv) return uv
  if (facts.pipVersion && hasPythonOption(facts.pipVersion)) {
    const pip = [interpreterPath, '-I', '-m', 'pip', '--python']
    const command = (verb: string, environment: string) => [...pip, environment, verb]
    return { name: `pip ${facts.pipVersion}`, kind: 'pip', mounts: [], command }
  }
  if (facts.pipWheel) {
    const wheel = facts.pipWheel
    const command = (verb: string, environment: string) => {
      return [path.join(environment, 'bin/python'), path.join(wheel, 'pip'), verb]
    }
    return { name: path.basename(wheel, '-py3-none-any.whl').replace('-', ' '), kind: 'pip', mounts: [], command }
  }
  return undefined
}

async function findUv(searchPath: string): Promise<Installer | undefined> {
  for (const folder of searchPath.split(path.delimiter)) {
    const link = path.join(folder, 'uv')
    if (!path.isAbsolute(link) || !existsSync(link)) continue
    const file = await realpath(link)
    const spec = { command: file, args: ['--version'], env: {}, cwd: '/', ...sandboxIdentity() }
    const { code, stdout } = await runCommand(spec, INSPECT_TIMEOUT_MS)
    if (code !== 0) continue
    const mount = { host: file, inside: '/build/uv' }
    return {
      name: stdout.trim(),
      kind: 'uv',
      mounts: [mount],
      command: (verb, environment, locate) => {
        return [locate(mount), 'pip', verb, '--python', path.join(environment, 'bin/python')]
      },
    }
  }
  return undefined
}

function hasPythonOption(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [firstMajor, firstMinor] = FIRST_PIP_WITH_PYTHON_OPTION
  return major > firstMajor || (major === firstMajor && minor >= firstMinor)
}
