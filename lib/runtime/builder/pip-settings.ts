import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { formatEndpoint, parseEndpoint } from '../gate/egress'

/** Where packages come from, as this machine's pip is configured. */
export type PipSettings = {
  indexUrl: string
  extraIndexUrls: string[]
  /** Folders with packages that are on this machine. */
  findLinks: string[]
  trustedHosts: string[]
  /** A file of certificates. */
  certificates: string | undefined
  /** The proxy that the internet is behind. */
  proxy: string | undefined
  /** What is reached without it. */
  noProxy: string | undefined
}

const PYPI = 'https://pypi.org/simple'
/** PyPI's index links to its files here. */
const PYPI_FILES_HOST = 'files.pythonhosted.org'
const SECTIONS = ['global', 'install']
const DEFAULT_PORTS: Record<string, number> = { 'https:': 443, 'http:': 80 }

/** pip's own configuration: its files, then its environment variables. */
export async function readPipSettings(
  environment: Record<string, string | undefined> = process.env,
): Promise<PipSettings> {
  const options = new Map<string, string>()
  for (const file of configurationFiles(environment)) {
    for (const [name, value] of parseConfiguration(await readFile(file, 'utf8').catch(() => ''))) {
      options.set(name, value)
    }
  }
  const option = (name: string) => environment[`PIP_${name.toUpperCase().replaceAll('-', '_')}`] ?? options.get(name)
  const list = (name: string) => (option(name) ?? '').split(/\s+/).filter(Boolean)
  const certificates = option('cert') ?? environment.SSL_CERT_FILE
  return {
    indexUrl: option('index-url') || PYPI,
    extraIndexUrls: list('extra-index-url'),
    findLinks: list('find-links').filter((one) => path.isAbsolute(one) && existsSync(one)),
    trustedHosts: list('trusted-host'),
    certificates: certificates && existsSync(certificates) ? certificates : undefined,
    proxy: option('proxy') ?? environment.HTTPS_PROXY ?? environment.https_proxy,
    // As pip does it: a proxy of its own configuration is for every host.
    noProxy: option('proxy') ? undefined : (environment.NO_PROXY ?? environment.no_proxy),
  }
}

/** `host:port` of everything that a build may connect to. */
export function indexEndpoints(settings: PipSettings): Set<string> {
  const endpoints = new Set<string>()
  for (const text of [settings.indexUrl, ...settings.extraIndexUrls]) {
    if (!URL.canParse(text)) continue
    const url = new URL(text)
    const endpoint = parseEndpoint(url.host, DEFAULT_PORTS[url.protocol])
    if (endpoint) endpoints.add(formatEndpoint(endpoint))
    if (url.hostname === 'pypi.org') endpoints.add(`${PYPI_FILES_HOST}:443`)
  }
  return endpoints
}

/** A URL without its user and password. */
export function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  url.username = url.password = ''
  return url.href
}

function configurationFiles(environment: Record<string, string | undefined>): string[] {
  if (environment.PIP_CONFIG_FILE) return [environment.PIP_CONFIG_FILE]
  const home = os.homedir()
  return ['/etc/pip.conf', path.join(home, '.pip/pip.conf'), path.join(home, '.config/pip/pip.conf')]
}

/** The INI form of pip.conf: options of the sections that concern `pip install`; indented lines go on. */
export function parseConfiguration(text: string): Map<string, string> {
  const options = new Map<string, string>()
  let section = ''
  let last: string | undefined
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue
    const header = /^\[(.+)\]\s*$/.exec(line)
    const option = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line)
    if (header) {
      section = (header[1] as string).toLowerCase()
      last = undefined
    } else if (option && SECTIONS.includes(section)) {
      last = (option[1] as string).toLowerCase().replaceAll('_', '-')
      options.set(last, (option[2] as string).trim())
    } else if (last && /^\s/.test(line)) {
      options.set(last, `${options.get(last)} ${line.trim()}`.trim())
    }
  }
  return options
}
