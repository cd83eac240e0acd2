import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { formatEndpoint, parseEndpoint } from '../gate/egress'
import { parseProxy, type UpstreamProxy } from '../gate/upstream-proxy'

/** Where npm's packages come from, as this machine's npm is configured. */
export type NpmSettings = {
  registry: string
  /** Lines of an `.npmrc` with registries and their credentials; nothing else of the configuration goes into a build. */
  lines: string[]
  /** `host:port` of every registry. */
  endpoints: Set<string>
  /** A file of certificates. */
  certificates: string | undefined
  proxy: UpstreamProxy | undefined
}

const NPM_REGISTRY = 'https://registry.npmjs.org/'
const DEFAULT_PORTS: Record<string, number> = { 'https:': 443, 'http:': 80 }
/** The registry, those of scopes, and what proves who asks them. */
const CONCERNS_REGISTRIES = /^(registry|@[^:]+:registry|\/\/.+:(_authToken|_auth|_password|username|email))$/

type Environment = Record<string, string | undefined>

/** npm's own configuration: the system's file, the user's, then its environment variables. */
export async function readNpmSettings(
  interpreterPath: string,
  environment: Environment = process.env,
): Promise<NpmSettings> {
  const options = new Map<string, string>()
  for (const file of configurationFiles(interpreterPath, environment)) {
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const [name, value] of parseNpmrc(text, environment)) options.set(name, value)
  }
  const option = (name: string) => variable(environment, name) ?? options.get(name)
  const chosen = option('registry')
  const registry = chosen && URL.canParse(chosen) ? chosen : NPM_REGISTRY
  options.set('registry', registry)
  const concerned = [...options].filter(([name]) => CONCERNS_REGISTRIES.test(name))
  const certificates = option('cafile') ?? environment.NODE_EXTRA_CA_CERTS ?? environment.SSL_CERT_FILE
  const proxy = option('https-proxy') ?? option('proxy') ?? environment.HTTPS_PROXY ?? environment.https_proxy
  return {
    registry,
    lines: concerned.map(([name, value]) => `${name}=${value}`),
    endpoints: new Set(concerned.filter(([name]) => name.endsWith('registry')).flatMap(([, url]) => endpointOf(url))),
    certificates: certificates && existsSync(certificates) ? certificates : undefined,
    proxy: parseProxy(proxy, option('noproxy') ?? environment.NO_PROXY ?? environment.no_proxy),
  }
}

/** `name=value` lines; `${VARIABLE}` in a value is what the environment has. */
export function parseNpmrc(text: string, environment: Environment = {}): Map<string, string> {
  const options = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const option = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line)
    if (!option) continue
    const [, name, value] = option as unknown as [string, string, string]
    const unquoted = value.replace(/^(["'])(.*)\1$/, '$2')
    options.set(
      name,
      unquoted.replace(/\$\{(\w+)\}/g, (whole, variableName: string) => environment[variableName] ?? whole),
    )
  }
  return options
}

function configurationFiles(interpreterPath: string, environment: Environment): string[] {
  const prefix = path.dirname(path.dirname(interpreterPath))
  const globalFile = variable(environment, 'globalconfig') ?? path.join(prefix, 'etc/npmrc')
  return ['/etc/npmrc', globalFile, variable(environment, 'userconfig') ?? path.join(os.homedir(), '.npmrc')]
}

function variable(environment: Environment, name: string): string | undefined {
  const suffix = name.replaceAll('-', '_')
  return environment[`npm_config_${suffix}`] || environment[`NPM_CONFIG_${suffix.toUpperCase()}`] || undefined
}

function endpointOf(text: string): string[] {
  if (!URL.canParse(text)) return []
  const url = new URL(text)
  const endpoint = parseEndpoint(url.host, DEFAULT_PORTS[url.protocol])
  return endpoint ? [formatEndpoint(endpoint)] : []
}
