import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AccessKey } from './access-keys'

export type VerifiedToken = { key: AccessKey; uri: string; expiresAtMs: number }

/** Why a token was refused: the service's own word, then a sentence. */
export type RefusedToken = { refused: string }

const PREFIX = 'SharedAccessSignature '

/**
 * Checks `SharedAccessSignature sr=<uri>&sig=<base64>&se=<unix s>&skn=<key name>`. The signature is HMAC-SHA256 over
 * `sr + "\n" + se` exactly as sent; the key is used as UTF-8 text, not base64-decoded.
 */
export function verifySas(
  token: unknown,
  keysFor: (uri: string) => AccessKey[],
  nowMs: number,
): VerifiedToken | RefusedToken {
  const fields = parseToken(token)
  if (!fields) return { refused: 'MalformedToken: The token is not a shared access signature.' }
  const key = keysFor(fields.uri).find(
    (candidate) => candidate.name === fields.keyName && isSignedBy(candidate, fields),
  )
  if (!key) return { refused: 'InvalidSignature: The token has an invalid signature.' }
  const expiresAtMs = Number(fields.expiry) * 1000
  if (!(expiresAtMs > nowMs)) return { refused: 'ExpiredToken: The token is expired.' }
  return { key, uri: fields.uri, expiresAtMs }
}

type TokenFields = { signedUri: string; expiry: string; uri: string; signature: string; keyName: string }

function isSignedBy(key: AccessKey, fields: TokenFields): boolean {
  const given = Buffer.from(fields.signature, 'base64')
  return [key.key, key.secondaryKey].some((secret) => {
    if (!secret) return false
    const expected = createHmac('sha256', secret).update(`${fields.signedUri}\n${fields.expiry}`).digest()
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

function parseToken(token: unknown): TokenFields | undefined {
  if (typeof token !== 'string' || !token.startsWith(PREFIX)) return undefined
  const fields = new Map<string, string>()
  for (const part of token.slice(PREFIX.length).split('&')) {
    const at = part.indexOf('=')
    if (at > 0) fields.set(part.slice(0, at).trim(), part.slice(at + 1))
  }
  const [signedUri, signature, expiry, keyName] = ['sr', 'sig', 'se', 'skn'].map((name) => fields.get(name))
  if (!signedUri || !signature || !expiry || !keyName) return undefined
  try {
    return {
      signedUri,
      expiry,
      uri: decodeURIComponent(signedUri),
      signature: decodeURIComponent(signature),
      keyName: decodeURIComponent(keyName),
    }
  } catch {
    return undefined
  }
}

/** The entity path of an audience, decoded: `sb://host:port/Queue/%24management?x` gives `queue/$management`. */
export function pathOfUri(uri: string): string {
  const path = uri.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/\?.*$/, '')
  return decodePath(path)
    .replace(/^\/+|\/+$/g, '')
    .toLowerCase()
}

/** A path that is not encoded may have a bare percent sign. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Whether a scope (`` is the whole namespace) covers a path. */
export function covers(scope: string, path: string): boolean {
  return scope === '' || path === scope || path.startsWith(`${scope}/`)
}
