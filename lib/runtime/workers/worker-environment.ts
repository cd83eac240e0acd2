import { MAX_RESULT_BYTES } from '../limits'
import type { SandboxLevel } from '../port'

/** Where the client finds the API inside. Nobody else is in the sandbox's network, so the port is always free. */
const API_HOST = '127.0.0.1'
export const API_PORT = 8080
/** Clients refuse to start without a key; who asks is known from the socket. */
const PLACEHOLDER_KEY = 'simInsideTheSandboxNoKeyIsNeeded'

type WorkerPaths = {
  answers: string
  tickets: string
  /** What the harness writes between two calls. */
  outputMark: string
  gate: string
  environment: string | undefined
  /** Further loopback ports, each led to a socket. */
  relays: Array<{ listen: string; socketPath: string }>
}

/** Everything that an algorithm finds in its environment: its secrets, the API's address, the proxy, and basics. */
export function workerEnvironment(
  level: SandboxLevel,
  secrets: Record<string, string>,
  paths: WorkerPaths,
): Record<string, string> {
  // Without a network of its own the worker takes any free port and tells its algorithm.
  const port = level === 'none' ? 0 : API_PORT
  const api = `http://${API_HOST}:${port}`
  const relays = [{ listen: `${API_HOST}:${port}`, socketPath: paths.gate }, ...(level === 'none' ? [] : paths.relays)]
  return {
    HOME: '/tmp',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    // One thread each: a worker answers one call at a time on a machine shared with others.
    OPENBLAS_NUM_THREADS: '1',
    OMP_NUM_THREADS: '1',
    ...proxyVariables(api),
    ...secrets,
    PATH: [...(paths.environment ? [`${paths.environment}/bin`] : []), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    ALGORITHMIA_API: api,
    ALGORITHMIA_API_KEY: PLACEHOLDER_KEY,
    HEADRACE_ANSWER_PIPE: paths.answers,
    HEADRACE_TICKET_PIPE: paths.tickets,
    HEADRACE_OUTPUT_MARK: paths.outputMark,
    HEADRACE_GATE_SOCKET: paths.gate,
    HEADRACE_MAX_RESULT_BYTES: String(MAX_RESULT_BYTES),
    HEADRACE_RELAY: relays.map(({ listen, socketPath }) => `${listen}=${socketPath}`).join(','),
  }
}

function proxyVariables(proxy: string): Record<string, string> {
  const direct = '127.0.0.1,localhost'
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: direct,
    no_proxy: direct,
  }
}
