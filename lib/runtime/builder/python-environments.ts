import path from 'node:path'
import { parseProxy } from '../gate/upstream-proxy'
import { BUILD_TIMEOUT_MS } from '../limits'
import type { Mount, Sandbox } from '../sandbox/sandbox'
import { BuildFailed, failureOf, type StepContext } from './build-failure'
import { type BuildStep, runStep, type StepOutcome } from './build-step'
import type { EnvironmentStore } from './environment-store'
import { installerEnvironment } from './installer-environment'
import { indexEndpoints, type PipSettings, readPipSettings, withoutCredentials } from './pip-settings'
import { findInstaller, type Installer, inspectInterpreter } from './python-installer'
import { environmentKeyOf, hashTree, parseRequirements } from './requirements'

/** Raise it when environments made before can not be used any more. */
const LAYOUT_VERSION = 1
const VENV_TIMEOUT_MS = 60_000
/** Where an environment is while it is made and while it is used: its scripts hold this path. */
const ENVIRONMENT_INSIDE = '/env'
const SOURCE_INSIDE = '/build/source'
const CERTIFICATES_INSIDE = '/build/certificates.pem'
/** What the gate says of an index that does not answer, or the installer of a connection that broke. */
const NETWORK_FAILURE =
  /^connection to \S+ failed: |Temporary failure in name resolution|Tunnel connection failed: 502|NewConnectionError|ReadTimeout|Connection (reset|refused|aborted)|error sending request|RemoteDisconnected/i

export type PythonEnvironmentOptions = {
  sandbox: Sandbox
  store: EnvironmentStore
  harnessDir: string
  runDir: string
}

/** Virtual environments by content: the same packages for the same interpreter are installed once. */
export class PythonEnvironments {
  readonly #options: PythonEnvironmentOptions

  constructor(options: PythonEnvironmentOptions) {
    this.#options = options
  }

  /**
   * Makes or finds the environment for a source tree.
   * @returns its key, or null when `requirements.txt` names nothing
   * @throws BuildFailed
   */
  async ensure(
    source: { interpreterPath: string; files: Map<string, Uint8Array>; folder: string },
    context: StepContext,
  ): Promise<string | null> {
    const text = Buffer.from(source.files.get('requirements.txt') ?? []).toString('utf8')
    const requirements = parseRequirements(text)
    if (requirements.lines.length === 0) {
      context.onLine('requirements.txt names no packages: nothing to install.')
      return null
    }
    const facts = await inspectInterpreter(source.interpreterPath).catch((error: Error) => {
      throw new BuildFailed(error.message)
    })
    const settings = await readPipSettings()
    const key = environmentKeyOf({
      layout: LAYOUT_VERSION,
      interpreter: [source.interpreterPath, facts.tag],
      requirements: requirements.lines,
      index: [settings.indexUrl, ...settings.extraIndexUrls].map(withoutCredentials),
      source: requirements.needsSource ? hashTree(source.files) : null,
    })
    const installer = await findInstaller(source.interpreterPath, facts)
    if (!installer) {
      throw new BuildFailed('There is nothing to install packages with. Install python3-pip, python3-venv or uv here.')
    }
    const parts = { ...source, settings, installer }
    await this.#options.store.ensure(key, context, async (staging) => {
      await this.#createVenv(staging, parts, context)
      await this.#install(staging, parts, context)
    })
    return key
  }

  async #createVenv(staging: string, { interpreterPath }: EnvironmentParts, context: StepContext): Promise<void> {
    const environment = { host: staging, inside: ENVIRONMENT_INSIDE }
    const outcome = await this.#run(
      {
        argv: (locate) => [interpreterPath, '-I', '-m', 'venv', '--without-pip', locate(environment)],
        readOnly: [],
        writable: [environment],
        interpreterPath,
        timeoutMs: VENV_TIMEOUT_MS,
      },
      context,
    )
    const failure = failureOf(outcome, 'The virtual environment could not be made')
    if (failure) throw failure
  }

  async #install(staging: string, parts: EnvironmentParts, context: StepContext): Promise<void> {
    const endpoints = indexEndpoints(parts.settings)
    context.onLine(
      `Installing packages with ${parts.installer.name} from ${withoutCredentials(parts.settings.indexUrl)}`,
    )
    let networkFailure = await this.#tryInstall(staging, parts, endpoints, context)
    if (!networkFailure) return
    context.onLine('The network failed; trying once more.')
    networkFailure = await this.#tryInstall(staging, parts, endpoints, context)
    if (!networkFailure) return
    const hosts = [...endpoints].map((endpoint) => endpoint.replace(/:443$/, '')).join(', ')
    context.onLine(`The package index could not be reached (${hosts}).`)
    context.onLine('Algorithms whose requirements.txt names no packages build and run without it.')
    throw new BuildFailed(`The package index could not be reached (${hosts}).`)
  }

  /** @returns whether the network was at fault; throws for any other failure */
  async #tryInstall(
    staging: string,
    parts: EnvironmentParts,
    endpoints: Set<string>,
    context: StepContext,
  ): Promise<boolean> {
    let sawNetworkFailure = false
    const onLine = (line: string) => {
      sawNetworkFailure ||= NETWORK_FAILURE.test(line)
      context.onLine(line)
    }
    const step = await this.#installStep(staging, parts, endpoints)
    const failure = failureOf(await this.#run(step, { ...context, onLine }), 'The packages could not be installed')
    if (!failure) return false
    if (sawNetworkFailure && failure.isRetryable) return true
    throw failure
  }

  async #installStep(staging: string, parts: EnvironmentParts, endpoints: Set<string>): Promise<BuildStep> {
    const { installer, settings, interpreterPath, folder } = parts
    const harness = { host: path.join(this.#options.harnessDir, 'python'), inside: '/runner' }
    const environment = { host: staging, inside: ENVIRONMENT_INSIDE }
    const source = { host: folder, inside: SOURCE_INSIDE }
    const certificates = settings.certificates && { host: settings.certificates, inside: CERTIFICATES_INSIDE }
    const locate = (mount: Mount) => this.#options.sandbox.locate(mount)
    return {
      argv: () => [
        ...[interpreterPath, path.join(locate(harness), 'build.py')],
        ...installer.command(locate(environment), locate),
        ...['-r', 'requirements.txt'],
      ],
      workingDirectory: source,
      environment: installerEnvironment(installer.kind, settings, certificates && locate(certificates)),
      readOnly: [
        harness,
        source,
        ...installer.mounts,
        ...(certificates ? [certificates] : []),
        ...settings.findLinks.map((links) => ({ host: links, inside: links })),
      ],
      writable: [environment],
      interpreterPath,
      rules: { isPublicAllowed: false, listed: endpoints, proxy: parseProxy(settings.proxy) },
      timeoutMs: BUILD_TIMEOUT_MS,
    }
  }

  #run(step: BuildStep, { onLine, signal }: StepContext): Promise<StepOutcome> {
    return runStep(this.#options.sandbox, this.#options.runDir, step, onLine, signal)
  }
}

type EnvironmentParts = {
  interpreterPath: string
  files: Map<string, Uint8Array>
  folder: string
  settings: PipSettings
  installer: Installer
}
