import { existsSync } from 'node:fs'
import path from 'node:path'
import { parseProxy } from '../gate/upstream-proxy'
import { BUILD_TIMEOUT_MS } from '../limits'
import { runCommand } from '../processes/spawn'
import { BuildFailed, failureOf, type StepContext } from './build-failure'
import { type BuildStep, runStep } from './build-step'
import { indexEndpoints, readPipSettings, withoutCredentials } from './pip-settings'
import type { PythonEnvironmentOptions } from './python-environments'
import { environmentKeyOf } from './requirements'

/** Raise it when environments made before can not be used any more. */
const LAYOUT_VERSION = 1
const NPM_TIMEOUT_MS = 30_000
const ENVIRONMENT_INSIDE = '/env'
const CERTIFICATES_INSIDE = '/build/certificates.pem'
const MANIFESTS = ['package.json', 'package-lock.json']
const DEPENDENCY_FIELDS = ['dependencies', 'optionalDependencies']

/** npm packages by content: the same manifest and lock for the same Node are installed once, without any script. */
export class NodeEnvironments {
  readonly #options: PythonEnvironmentOptions

  constructor(options: PythonEnvironmentOptions) {
    this.#options = options
  }

  /**
   * Makes or finds the environment for a source tree: a folder with `node_modules`.
   * @returns its key, or null when `package.json` names nothing
   * @throws BuildFailed
   */
  async ensure(
    source: { interpreterPath: string; files: Map<string, Uint8Array>; folder: string },
    context: StepContext,
  ): Promise<string | null> {
    if (!namesPackages(source.files.get('package.json'))) {
      context.onLine('package.json names no packages: nothing to install.')
      return null
    }
    const npm = path.join(path.dirname(source.interpreterPath), 'npm')
    if (!existsSync(npm)) throw new BuildFailed(`There is no npm beside ${source.interpreterPath}. Install npm here.`)
    const registry = await readRegistry(npm)
    const manifests = MANIFESTS.map((name) => Buffer.from(source.files.get(name) ?? []).toString('utf8'))
    const platform = [process.platform, process.arch, await nodeVersion(source.interpreterPath)]
    const key = environmentKeyOf({
      layout: LAYOUT_VERSION,
      npm: platform,
      manifests,
      registry: withoutCredentials(registry),
    })
    await this.#options.store.ensure(key, context, async (staging) => {
      context.onLine(`Installing packages with npm from ${withoutCredentials(registry)}`)
      const step = await this.#installStep(staging, { ...source, npm, registry })
      const outcome = await runStep(this.#options.sandbox, this.#options.runDir, step, context.onLine, context.signal)
      const failure = failureOf(outcome, 'The packages could not be installed')
      if (failure) throw failure
    })
    return key
  }

  async #installStep(
    staging: string,
    parts: { interpreterPath: string; files: Map<string, Uint8Array>; folder: string; npm: string; registry: string },
  ): Promise<BuildStep> {
    const settings = await readPipSettings()
    const certificateFile = process.env.NODE_EXTRA_CA_CERTS ?? settings.certificates
    const certificates = certificateFile && existsSync(certificateFile) ? certificateFile : undefined
    const harness = { host: path.join(this.#options.harnessDir, 'node'), inside: '/runner' }
    const environment = { host: staging, inside: ENVIRONMENT_INSIDE }
    const manifests = MANIFESTS.filter((name) => parts.files.has(name)).map((name) => ({
      host: path.join(parts.folder, name),
      inside: `/build/source/${name}`,
    }))
    const hasLock = parts.files.has('package-lock.json')
    const install = [hasLock ? 'ci' : 'install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund']
    return {
      argv: (locate) => [
        ...[parts.interpreterPath, path.join(locate(harness), 'build.mjs')],
        ...['/bin/sh', '-c', 'cp "$1"/package*.json "$2" && cd "$2" && shift 2 && exec "$@"', 'sh'],
        ...[path.dirname(locate(manifests[0] ?? environment)), locate(environment)],
        ...[parts.interpreterPath, parts.npm, ...install],
      ],
      environment: {
        npm_config_registry: parts.registry,
        npm_config_cache: '/tmp/npm',
        npm_config_update_notifier: 'false',
        ...(certificates && { NODE_EXTRA_CA_CERTS: CERTIFICATES_INSIDE }),
      },
      readOnly: [harness, ...manifests, ...(certificates ? [{ host: certificates, inside: CERTIFICATES_INSIDE }] : [])],
      writable: [environment],
      interpreterPath: parts.interpreterPath,
      rules: {
        isPublicAllowed: false,
        listed: indexEndpoints({ ...settings, indexUrl: parts.registry, extraIndexUrls: [] }),
        proxy: parseProxy(settings.proxy),
      },
      timeoutMs: BUILD_TIMEOUT_MS,
    }
  }
}

function namesPackages(manifest: Uint8Array | undefined): boolean {
  if (!manifest) return false
  try {
    const document = JSON.parse(Buffer.from(manifest).toString('utf8'))
    return DEPENDENCY_FIELDS.some((field) => Object.keys(document?.[field] ?? {}).length > 0)
  } catch (error) {
    throw new BuildFailed(`package.json can not be read: ${(error as Error).message}`)
  }
}

/** The registry that this machine's npm is configured with. */
async function readRegistry(npm: string): Promise<string> {
  const environment = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const spec = { command: npm, args: ['config', 'get', 'registry'], env: Object.fromEntries(environment) }
  const { code, stdout } = await runCommand(spec, NPM_TIMEOUT_MS)
  const registry = stdout.trim()
  return code === 0 && URL.canParse(registry) ? registry : 'https://registry.npmjs.org/'
}

async function nodeVersion(interpreterPath: string): Promise<string> {
  const spec = { command: interpreterPath, args: ['-p', 'process.version'], env: {} }
  return (await runCommand(spec, NPM_TIMEOUT_MS)).stdout.trim()
}
