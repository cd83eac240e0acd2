/** Which version of an algorithm is meant. */
export type VersionSelector =
  /** No version, or `latest`: the newest public one. */
  | { kind: 'newest-public' }
  /** `latestPrivate`: the newest private one, for the owner. */
  | { kind: 'newest-private' }
  /** `X.Y.Z`, public or private. */
  | { kind: 'exact'; major: number; minor: number; revision: number }
  /** `X.Y`, `X.Y.*` or `X.*`: the newest public one in the range. */
  | { kind: 'range'; major: number; minor: number | null }
  /** 40 hex digits: a successful build of that commit, published or not, for the owner. */
  | { kind: 'commit'; sha: string }

export type Endpoint = { owner: string; name: string; selector: VersionSelector }

const COMMIT = /^[0-9a-f]{40}$/i
const EXACT = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/
const RANGE = /^(\d{1,9})(?:\.(\d{1,9}))?(?:\.[*x])?$/

/** Reads what stands behind `OWNER/NAME/`; null when it is no version selector. */
export function parseVersionSelector(text: string | null | undefined): VersionSelector | null {
  if (!text || text === 'latest') return { kind: 'newest-public' }
  if (text === 'latestPrivate') return { kind: 'newest-private' }
  if (COMMIT.test(text)) return { kind: 'commit', sha: text.toLowerCase() }
  const exact = EXACT.exec(text)
  if (exact) return { kind: 'exact', major: Number(exact[1]), minor: Number(exact[2]), revision: Number(exact[3]) }
  const range = RANGE.exec(text)
  // A bare `X` is no selector of the original; `X.*` and `X.Y` are.
  if (!range || /^\d+$/.test(text)) return null
  return { kind: 'range', major: Number(range[1]), minor: range[2] === undefined ? null : Number(range[2]) }
}

/** Reads `OWNER/NAME[/VERSION]`, with or without `algo://`; null when it is not of that form. */
export function parseEndpoint(text: string): Endpoint | null {
  const parts = text
    .trim()
    .replace(/^algo:\/\/+/, '')
    .replace(/^\/+|\/+$/g, '')
    .split('/')
  const [owner, name, version] = parts
  if (!owner || !name || parts.length > 3) return null
  const selector = parseVersionSelector(version)
  return selector && { owner, name, selector }
}
