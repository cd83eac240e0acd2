import { BuildFailed, failureOf, type StepContext } from './build-failure'
import type { StepOutcome } from './build-step'

/** What the gate says of a host that does not answer, or an installer of a connection that broke. */
const NETWORK_FAILURE =
  /^connection to \S+ failed: |Temporary failure in name resolution|Tunnel connection failed: 502|NewConnectionError|ReadTimeout|Connection (reset|refused|aborted)|error sending request|RemoteDisconnected|\b(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ERR_SOCKET_TIMEOUT)\b/i

export type NetworkInstall = {
  /** One try; its lines go to `onLine`. */
  run: (context: StepContext) => Promise<StepOutcome>
  /** `host:port` of all that it may reach. */
  endpoints: Set<string>
  /** Say `package index`. */
  source: string
  /** What works without the source, in one sentence. */
  stillWorks: string
}

/**
 * Installs; once more when the network was at fault the first time.
 * @throws BuildFailed
 */
export async function installWithRetry(install: NetworkInstall, context: StepContext): Promise<void> {
  if (!(await failedOnNetwork(install, context))) return
  context.onLine('The network failed; trying once more.')
  if (!(await failedOnNetwork(install, context))) return
  const hosts = [...install.endpoints].map((endpoint) => endpoint.replace(/:443$/, '')).join(', ')
  throw new BuildFailed(`The ${install.source} could not be reached (${hosts}). ${install.stillWorks}`)
}

/** Whether the network was at fault; throws for any other failure. */
async function failedOnNetwork({ run }: NetworkInstall, context: StepContext): Promise<boolean> {
  let sawNetworkFailure = false
  const onLine = (line: string) => {
    sawNetworkFailure ||= NETWORK_FAILURE.test(line)
    context.onLine(line)
  }
  const failure = failureOf(await run({ ...context, onLine }), 'The packages could not be installed')
  if (!failure) return false
  if (sawNetworkFailure && failure.isRetryable) return true
  throw failure
}
