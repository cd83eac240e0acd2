import { AppError } from '@/lib/errors'

/** What a connection string says, without its key. */
export type ConnectionFacts = {
  host: string
  port?: number
  keyName: string
  /** Set when the string is bound to one queue. */
  entityPath?: string
  /** Plain TCP, as the client does for `UseDevelopmentEmulator=true`; TLS otherwise. */
  isEmulator: boolean
}

const KNOWN_PARTS = [
  'Endpoint',
  'SharedAccessKeyName',
  'SharedAccessKey',
  'SharedAccessSignature',
  'EntityPath',
  'UseDevelopmentEmulator',
] as const

type KnownPart = (typeof KNOWN_PARTS)[number]

/**
 * Reads an Azure Service Bus connection string as `@azure/service-bus` does: case matters in names, parts are
 * separated by `;`, only the exact text `UseDevelopmentEmulator=true` selects plain TCP.
 * Throws `invalid_input` on the field `connectionString`; the text names the faulty part and never repeats the key.
 */
export function parseConnectionString(connectionString: string): ConnectionFacts {
  const parts = splitParts(connectionString)
  const { host, port } = readEndpoint(parts.get('Endpoint'))
  return {
    host,
    ...(port === undefined ? {} : { port }),
    keyName: readKeyName(parts),
    ...(parts.get('EntityPath') ? { entityPath: parts.get('EntityPath') } : {}),
    isEmulator: readEmulatorFlag(parts.get('UseDevelopmentEmulator')),
  }
}

/** `host` or `host:port`, to show and to tell namespaces apart. */
export function namespaceHostOf(facts: ConnectionFacts): string {
  return facts.port === undefined ? facts.host : `${facts.host}:${facts.port}`
}

function splitParts(connectionString: string): Map<KnownPart, string> {
  const text = connectionString.trim()
  if (text === '') throw fault('Paste the connection string of a shared access policy of the namespace.')
  const parts = new Map<KnownPart, string>()
  for (const part of text.split(';').map((piece) => piece.trim())) {
    if (part === '') continue
    const split = part.indexOf('=')
    // The part itself may be a key that lost its name: never repeat it.
    if (split < 1) throw fault('A part between two semicolons has no name before its equals sign.')
    const name = part.slice(0, split).trim()
    const known = KNOWN_PARTS.find((candidate) => candidate === name)
    if (!known) throw fault(unknownPartText(name))
    if (parts.has(known)) throw fault(`${known} is there twice.`)
    parts.set(known, part.slice(split + 1).trim())
  }
  return parts
}

function unknownPartText(name: string): string {
  const near = KNOWN_PARTS.find((known) => known.toLowerCase() === name.toLowerCase())
  if (near) return `Write ${near} with exactly these capitals.`
  if (!/^[A-Za-z]{1,40}$/.test(name)) return 'It has a part that no Service Bus connection string has.'
  return `It has a part named ${name}, which no Service Bus connection string has.`
}

function readEndpoint(endpoint: string | undefined): { host: string; port?: number } {
  if (!endpoint) throw fault('The part Endpoint=sb://… is missing.')
  const match = /^sb:\/\/(\[[0-9a-fA-F:]+\]|[^/:\s]+)(?::(\d{1,5}))?\/?$/.exec(endpoint)
  if (!match?.[1]) throw fault('Endpoint must look like sb://NAMESPACE.servicebus.windows.net/ or sb://HOST:PORT.')
  if (match[2] === undefined) return { host: match[1] }
  const port = Number(match[2])
  if (port < 1 || port > 65_535) throw fault('The port in Endpoint must be between 1 and 65535.')
  return { host: match[1], port }
}

function readKeyName(parts: Map<KnownPart, string>): string {
  const signature = parts.get('SharedAccessSignature')
  if (signature !== undefined) {
    const name = /[ &]skn=([^&]+)/.exec(signature)?.[1]
    if (!signature.startsWith('SharedAccessSignature ') || !name) {
      throw fault('SharedAccessSignature must be a whole token: SharedAccessSignature sr=…&sig=…&se=…&skn=….')
    }
    return decodeKeyName(name)
  }
  const keyName = parts.get('SharedAccessKeyName')
  if (!keyName) throw fault('The part SharedAccessKeyName=… is missing.')
  if (!parts.get('SharedAccessKey')) throw fault('The part SharedAccessKey=… is missing.')
  return keyName
}

function decodeKeyName(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw fault('The key name in SharedAccessSignature (skn=…) is not URL-encoded as it should be.')
  }
}

function readEmulatorFlag(flag: string | undefined): boolean {
  if (flag === undefined) return false
  if (flag === 'true') return true
  throw fault('UseDevelopmentEmulator must be exactly true, or be left out.')
}

function fault(text: string): AppError {
  return new AppError('invalid_input', text, { fields: { connectionString: text } })
}
