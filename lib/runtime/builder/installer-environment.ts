import type { PipSettings } from './pip-settings'
import type { Installer } from './python-installer'

const RETRIES = 2
const CONNECT_TIMEOUT_SECONDS = 30

/**
 * How pip or uv learns where packages come from. By environment, not by arguments: an index URL may hold a password.
 * No cache: a build's code could poison it for the next one.
 */
export function installerEnvironment(
  kind: Installer['kind'],
  settings: PipSettings,
  certificatesInside: string | undefined,
): Record<string, string> {
  const environment = kind === 'uv' ? uvEnvironment(settings) : pipEnvironment(settings)
  if (certificatesInside) {
    environment.PIP_CERT = environment.SSL_CERT_FILE = environment.REQUESTS_CA_BUNDLE = certificatesInside
  }
  return environment
}

function pipEnvironment({ indexUrl, extraIndexUrls, findLinks, trustedHosts }: PipSettings): Record<string, string> {
  return {
    PIP_INDEX_URL: indexUrl,
    PIP_NO_CACHE_DIR: '1',
    PIP_NO_INPUT: '1',
    PIP_NO_COLOR: '1',
    PIP_PROGRESS_BAR: 'off',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_RETRIES: String(RETRIES),
    PIP_DEFAULT_TIMEOUT: String(CONNECT_TIMEOUT_SECONDS),
    ...(extraIndexUrls.length > 0 && { PIP_EXTRA_INDEX_URL: extraIndexUrls.join(' ') }),
    ...(findLinks.length > 0 && { PIP_FIND_LINKS: findLinks.join(' ') }),
    ...(trustedHosts.length > 0 && { PIP_TRUSTED_HOST: trustedHosts.join(' ') }),
  }
}

function uvEnvironment({ indexUrl, extraIndexUrls, findLinks, trustedHosts }: PipSettings): Record<string, string> {
  return {
    UV_DEFAULT_INDEX: indexUrl,
    UV_NO_CACHE: '1',
    UV_NO_PROGRESS: '1',
    UV_NO_CONFIG: '1',
    UV_LINK_MODE: 'copy',
    UV_PYTHON_DOWNLOADS: 'never',
    UV_HTTP_TIMEOUT: String(CONNECT_TIMEOUT_SECONDS),
    NO_COLOR: '1',
    ...(extraIndexUrls.length > 0 && { UV_INDEX: extraIndexUrls.join(' ') }),
    ...(findLinks.length > 0 && { UV_FIND_LINKS: findLinks.join(',') }),
    ...(trustedHosts.length > 0 && { UV_INSECURE_HOST: trustedHosts.join(' ') }),
  }
}
