import path from 'node:path'
import { parseProxy } from '../gate/upstream-proxy'
import type { Mount, Sandbox } from '../sandbox/sandbox'
import { BuildFailed, failureOf, type StepContext } from './build-failure'
import { type BuildStep, runStep, type StepOutcome } from './build-step'
import type { EnsuredEnvironment, EnvironmentStore } from './environment-store'
import { installerEnvironment } from './installer-environment'
import { installWithRetry } from './network-retry'
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
const FREEZE_TIMEOUT_MS = 60_000
const INDEX_ONLY = { isPublicAllowed: false, closedBecause: 'a build reaches its package index only' }
/** A line of `pip freeze`; the others are remarks. */
const PINNED = /^[\w.-]+\s*(==|@)/

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
   * @returns what it is and holds, or null when `requirements.txt` names nothing
   * @throws BuildFailed
   */
  async ensure(
    source: { interpreterPath: string; files: Map<string, Uint8Array>; folder: string },
    context: StepContext,
  ): Promise<EnsuredEnvironment | null> {
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
    return this.#options.store.ensure(key, context, async (staging) => {
      await this.#createVenv(staging, parts, context)
      await this.#install(staging, parts, context)
      const names = await this.#freeze(staging, parts, context)
      return { language: 'python', interpreterVersion: facts.version, installer: installer.name, names }
    })
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
    const index = withoutCredentials(parts.settings.indexUrl)
    context.onLine(`Installing packages with ${parts.installer.name} from ${index}`)
    await installWithRetry(
      {
        run: async (attempt) => this.#run(await this.#installStep(staging, parts, endpoints), attempt),
        endpoints,
        source: 'package index',
        stillWorks:
          'Without it, algorithms build whose requirements.txt names no packages, or what an earlier build installed from the same index with the same Python; published versions run.',
      },
      context,
    )
  }

  /** What is installed now, as the installer itself lists it. */
  async #freeze(staging: string, { installer, interpreterPath }: EnvironmentParts, context: StepContext) {
    const environment = { host: staging, inside: ENVIRONMENT_INSIDE }
    const lines: string[] = []
    const step: BuildStep = {
      argv: (locate) => installer.command('freeze', locate(environment), locate),
      environment: { PIP_DISABLE_PIP_VERSION_CHECK: '1', UV_NO_CACHE: '1', UV_NO_CONFIG: '1', NO_COLOR: '1' },
      readOnly: [environment, ...installer.mounts],
      writable: [],
      interpreterPath,
      timeoutMs: FREEZE_TIMEOUT_MS,
    }
    const outcome = await this.#run(step, { ...context, onLine: (line) => lines.push(line) })
    const failure = failureOf(outcome, 'The installed packages could not be listed')
    if (failure) throw failure
    return lines.filter((line) => PINNED.test(line)).join('\n')
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
        ...installer.command('install', locate(environment), locate),
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
      rules: { ...INDEX_ONLY, listed: endpoints, proxy: parseProxy(settings.proxy, settings.noProxy) },
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
