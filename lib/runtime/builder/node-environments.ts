import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from '../processes/spawn'
import { giveToSandbox, makePrivateFolder } from '../sandbox/worker-identity'
import { BuildFailed, type StepContext } from './build-failure'
import { type BuildStep, runStep } from './build-step'
import type { EnsuredEnvironment } from './environment-store'
import { installWithRetry } from './network-retry'
import { type NpmSettings, readNpmSettings } from './npm-settings'
import { withoutCredentials } from './pip-settings'
import type { PythonEnvironmentOptions } from './python-environments'
import { environmentKeyOf } from './requirements'

/** Raise it when environments made before can not be used any more. */
const LAYOUT_VERSION = 1
const VERSION_TIMEOUT_MS = 30_000
const ENVIRONMENT_INSIDE = '/env'
const CERTIFICATES_INSIDE = '/build/certificates.pem'
const CONFIGURATION_INSIDE = '/build/npmrc'
const MANIFESTS = ['package.json', 'package-lock.json']
const DEPENDENCY_FIELDS = ['dependencies', 'optionalDependencies']
const REGISTRY_ONLY = { isPublicAllowed: false, closedBecause: 'a build reaches its npm registry only' }
/** npm's own tries of one request; the build as a whole is tried once more after them. */
const FETCH_RETRIES = 1

type Source = { interpreterPath: string; files: Map<string, Uint8Array>; folder: string }
type InstallParts = Source & { npm: string; settings: NpmSettings; configuration: string }

/** npm packages by content: the same manifest and lock for the same Node are installed once, without any script. */
export class NodeEnvironments {
  readonly #options: PythonEnvironmentOptions

  constructor(options: PythonEnvironmentOptions) {
    this.#options = options
  }

  /**
   * Makes or finds the environment for a source tree: a folder with `node_modules`.
   * @returns what it is and holds, or null when `package.json` names nothing
   * @throws BuildFailed
   */
  async ensure(source: Source, context: StepContext): Promise<EnsuredEnvironment | null> {
    if (!namesPackages(source.files.get('package.json'))) {
      context.onLine('package.json names no packages: nothing to install.')
      return null
    }
    const npm = path.join(path.dirname(source.interpreterPath), 'npm')
    if (!existsSync(npm)) throw new BuildFailed(`There is no npm beside ${source.interpreterPath}. Install npm here.`)
    const settings = await readNpmSettings(source.interpreterPath)
    const manifests = MANIFESTS.map((name) => Buffer.from(source.files.get(name) ?? []).toString('utf8'))
    const version = await nodeVersion(source.interpreterPath)
    const key = environmentKeyOf({
      layout: LAYOUT_VERSION,
      npm: [process.platform, process.arch, version],
      manifests,
      registry: [...settings.endpoints, withoutCredentials(settings.registry)],
    })
    return this.#options.store.ensure(key, context, async (staging) => {
      await this.#install(staging, { ...source, npm, settings }, context)
      const names = await listPackages(staging)
      return { language: 'node', interpreterVersion: version.replace(/^v/, ''), installer: 'npm', names }
    })
  }

  async #install(staging: string, parts: Omit<InstallParts, 'configuration'>, context: StepContext): Promise<void> {
    const { settings } = parts
    context.onLine(`Installing packages with npm from ${withoutCredentials(settings.registry)}`)
    const folder = await makePrivateFolder(path.join(this.#options.runDir, 'n-'))
    try {
      // A file, for it may hold credentials: npm reads it, and runs no package's code while it is there.
      const configuration = path.join(folder, 'npmrc')
      await writeFile(configuration, `${settings.lines.join('\n')}\n`, { mode: 0o600 })
      await giveToSandbox(configuration)
      const step = this.#installStep(staging, { ...parts, configuration })
      await installWithRetry(
        {
          run: ({ onLine, signal }) => runStep(this.#options.sandbox, this.#options.runDir, step, onLine, signal),
          endpoints: settings.endpoints,
          source: 'npm registry',
          stillWorks:
            'Without it, algorithms build whose package.json names no packages, or what an earlier build installed from the same registry with the same Node.js; published versions run.',
        },
        context,
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  #installStep(staging: string, parts: InstallParts): BuildStep {
    const { settings, interpreterPath, npm, files } = parts
    const harness = { host: path.join(this.#options.harnessDir, 'node'), inside: '/runner' }
    const environment = { host: staging, inside: ENVIRONMENT_INSIDE }
    const configuration = { host: parts.configuration, inside: CONFIGURATION_INSIDE }
    const certificates = settings.certificates && { host: settings.certificates, inside: CERTIFICATES_INSIDE }
    const manifests = MANIFESTS.filter((name) => files.has(name)).map((name) => ({
      host: path.join(parts.folder, name),
      inside: `/build/source/${name}`,
    }))
    const verb = files.has('package-lock.json') ? 'ci' : 'install'
    const install = [verb, '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--no-progress']
    const locate = (mount: { host: string; inside: string }) => this.#options.sandbox.locate(mount)
    return {
      argv: () => [
        ...[interpreterPath, path.join(locate(harness), 'build.mjs')],
        ...['/bin/sh', '-c', 'cp "$1"/package*.json "$2" && cd "$2" && shift 2 && exec "$@"', 'sh'],
        ...[path.dirname(locate(manifests[0] ?? environment)), locate(environment)],
        ...[interpreterPath, npm, ...install],
      ],
      environment: {
        npm_config_userconfig: locate(configuration),
        npm_config_registry: settings.registry,
        npm_config_cache: '/tmp/npm',
        npm_config_update_notifier: 'false',
        npm_config_fetch_retries: String(FETCH_RETRIES),
        npm_config_fetch_retry_mintimeout: '1000',
        ...(certificates && { NODE_EXTRA_CA_CERTS: locate(certificates) }),
      },
      readOnly: [harness, configuration, ...manifests, ...(certificates ? [certificates] : [])],
      writable: [environment],
      interpreterPath,
      rules: { ...REGISTRY_ONLY, listed: settings.endpoints, proxy: settings.proxy },
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

/** What npm wrote down of what it installed, as `name==version` lines. */
async function listPackages(folder: string): Promise<string> {
  const text = await readFile(path.join(folder, 'node_modules/.package-lock.json'), 'utf8').catch(() => '{}')
  const { packages = {} } = JSON.parse(text) as { packages?: Record<string, { version?: string }> }
  const names = Object.entries(packages).map(([place, { version }]) => {
    return `${place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)}==${version}`
  })
  return [...new Set(names)].sort().join('\n')
}

async function nodeVersion(interpreterPath: string): Promise<string> {
  const spec = { command: interpreterPath, args: ['-p', 'process.version'], env: {} }
  return (await runCommand(spec, VERSION_TIMEOUT_MS)).stdout.trim()
}
