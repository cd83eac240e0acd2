import { AppError } from '@/lib/errors'

const CONNECTOR = /^(data|azureblob|dropbox|gs|s3)(\+[a-zA-Z0-9]+)?$/
const CONNECTOR_URI = /^(azureblob|dropbox|gs|s3)(\+[a-zA-Z0-9]+)?:\/?\//

/**
 * The text of a data URI from what stands in the URL behind `/v1/data/` or `/v1/connector/data/`.
 * The Java client encodes the path as a whole, as a form would: `.my%2Ffoo%2Fa+b`; others encode each part, or nothing.
 */
export function decodeDataPath(encoded: string): string {
  const isForm = /%2f/i.test(encoded)
  const path = decodeTolerantly(isForm ? encoded.replaceAll('+', ' ') : encoded)
  if (CONNECTOR_URI.test(path)) throw unknownConnector(path.slice(0, path.indexOf(':')))
  return path
}

/** Splits `data/OWNER/…` behind `/v1/connector/`; only hosted data is served. */
export function decodeConnectorPath(encoded: string): string {
  const slash = encoded.indexOf('/')
  const connector = slash < 0 ? encoded : encoded.slice(0, slash)
  if (!CONNECTOR.test(connector) || connector !== 'data') throw unknownConnector(connector)
  return decodeDataPath(slash < 0 ? '' : encoded.slice(slash + 1))
}

/** `OWNER/NAME[/VERSION]` or `ID[/VERSION]`, with or without `algo://`, from what stands behind `/v1/algo/`. */
export function decodeAlgorithmPath(encoded: string): string {
  // A proxy may have folded the two slashes of algo:// into one.
  return decodeTolerantly(encoded)
    .replace(/^algo:\/{0,2}/i, '')
    .replace(/^\/+|\/+$/g, '')
}

/** Clients that encode only what has to be send a `%` of a name as it is. */
function decodeTolerantly(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch {
    return encoded
  }
}

function unknownConnector(connector: string): AppError {
  return new AppError('not_found', `There is no data source ${connector} here; only hosted data (data://…) is served.`)
}
