import { rm } from 'node:fs/promises'
import type { Logger } from '@/lib/logger'
import { BUILD_TIMEOUT_MS } from '../limits'
import type { Builder, BuildRequest, BuildResult } from '../port'
import type { Sandbox } from '../sandbox/sandbox'
import { BuildFailed, limitBuildTime, type StepContext } from './build-failure'
import { type EnsuredEnvironment, EnvironmentStore } from './environment-store'
import { checkImport } from './import-check'
import { NodeEnvironments } from './node-environments'
import { PythonEnvironments } from './python-environments'
import { BadSource, writeSourceTree } from './source-tree'

export type BuilderSettings = {
  sandbox: Sandbox
  allowUnsandboxed: boolean
  harnessDir: string
  versionsDir: string
  environmentsDir: string
  runDir: string
  /** What a whole build may take. */
  timeoutMs?: number
  logger: Logger
}

/**
 * Builds: source tree, packages, import check. A build that fails leaves no source tree and no half environment; whole
 * ones are shared, so whoever knows all builds removes them (lib/package-environments).
 */
export class AlgorithmBuilder implements Builder {
  readonly #settings: BuilderSettings
  readonly #pythonEnvironments: PythonEnvironments
  readonly #nodeEnvironments: NodeEnvironments
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor(settings: BuilderSettings) {
    this.#settings = settings
    const store = new EnvironmentStore(settings.environmentsDir)
    this.#pythonEnvironments = new PythonEnvironments({ ...settings, store })
    this.#nodeEnvironments = new NodeEnvironments({ ...settings, store })
  }

  async build(request: BuildRequest, onLine: (line: string) => void, signal?: AbortSignal): Promise<BuildResult> {
    const time = limitBuildTime(this.#settings.timeoutMs ?? BUILD_TIMEOUT_MS)
    const stop = AbortSignal.any([...(signal ? [signal] : []), this.#closing.signal, time.signal])
    const building = this.#build(request, { onLine, signal: stop })
    this.#running.add(building)
    try {
      const environment = await building
      return { ok: true, environmentKey: environment?.key ?? null, packages: environment?.packages }
    } catch (error) {
      if (error instanceof BuildFailed || error instanceof BadSource) {
        onLine(error.message)
        return { ok: false, error: error.message }
      }
      this.#settings.logger.error({ err: error, algorithm: request.algorithmName }, 'a build failed unexpectedly')
      return { ok: false, error: 'The build failed for a reason of the server’s own; its log says more.' }
    } finally {
      time.end()
      this.#running.delete(building)
    }
  }

  /** Cancels what runs and waits until it is gone. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
  }

  async #build(request: BuildRequest, context: StepContext): Promise<EnsuredEnvironment | null> {
    const { sandbox, allowUnsandboxed, versionsDir } = this.#settings
    if (sandbox.report.level === 'none' && !allowUnsandboxed) {
      throw new BuildFailed(
        `Nothing is built here: algorithms can not be kept apart. ${sandbox.report.fix ?? ''}`.trim(),
      )
    }
    const { algorithmId, commitSha, files } = request
    context.onLine(`Building ${request.algorithmName} at ${commitSha.slice(0, 12)}`)
    const { folder, isNew } = await writeSourceTree(versionsDir, algorithmId, commitSha, files)
    try {
      const environment = await this.#ensureEnvironment(request, folder, context)
      await checkImport(this.#settings, request, folder, environment?.key ?? null, context)
      context.onLine('The build succeeded.')
      return environment
    } catch (error) {
      // An earlier build of the same commit may have succeeded and be in use.
      if (isNew) await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  #ensureEnvironment(request: BuildRequest, folder: string, context: StepContext): Promise<EnsuredEnvironment | null> {
    const { interpreterPath, files, language, noteEnvironment } = request
    const environments = language === 'node' ? this.#nodeEnvironments : this.#pythonEnvironments
    return environments.ensure({ interpreterPath, files, folder }, { ...context, noteEnvironment })
  }
}
