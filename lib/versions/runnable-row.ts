import { db, poolOf } from '@/lib/db'
import type { Callability, Language, NetworkAccess } from '@/lib/generated/prisma/enums'
import type { SemanticVersion } from './schema'

/** An algorithm by its owner's name (in any case) and its own, or by its id. */
export type AlgorithmPlace = { owner: string; name: string } | { id: string }

/** The newest version of one of these kinds, and of these numbers where they are not null. */
export type WantedVersion = {
  callability: Callability[]
  major: number | null
  minor: number | null
  revision: number | null
}

/** What a build was made of and with. */
export type BuildRow = { commitSha: string; environmentKey: string | null; interpreterPath: string | null }

/** An algorithm with the version that is wanted, or with none. */
export type RunnableRow = {
  id: string
  ownerId: string
  ownerName: string
  name: string
  networkAccess: NetworkAccess
  limits: unknown
  language: Language
  /** Of the environment that the algorithm has now. */
  environmentPath: string
} & ((SemanticVersion & BuildRow & { versionId: string }) | { versionId: null })

/** $1: owners whose private versions may be used, $2 … $5: what is wanted, $6 and $7: the place. */
const find = (place: string) => `SELECT a.id, a."ownerId", o.name AS "ownerName", a.name, a."networkAccess", a.limits,
    e.language, e."interpreterPath" AS "environmentPath", w.*
  FROM "Algorithm" a
  JOIN "Account" o ON o.id = a."ownerId"
  JOIN "Environment" e ON e.id = a."environmentId"
  LEFT JOIN LATERAL (
    SELECT v.id AS "versionId", v.major, v.minor, v.revision, b."commitSha", b."environmentKey", b."interpreterPath"
    FROM "Version" v JOIN "Build" b ON b.id = v."buildId"
    WHERE v."algorithmId" = a.id
      AND (v.callability = 'public' OR a."ownerId" = ANY($1::uuid[]))
      AND v.callability = ANY($2::"Callability"[])
      AND ($3::int IS NULL OR v.major = $3)
      AND ($4::int IS NULL OR v.minor = $4)
      AND ($5::int IS NULL OR v.revision = $5)
    ORDER BY v.major DESC, v.minor DESC, v.revision DESC
    LIMIT 1
  ) w ON true
  WHERE ${place}`

const FIND_BY_NAME = find('o."nameKey" = $6 AND a.name = $7')
const FIND_BY_ID = find('a.id = $6')

/** One statement; null when there is no such algorithm. Private versions are those of `ownedIds` only. */
export async function findRunnableRow(
  place: AlgorithmPlace,
  wanted: WantedVersion,
  ownedIds: string[],
): Promise<RunnableRow | null> {
  const conditions = [ownedIds, wanted.callability, wanted.major, wanted.minor, wanted.revision]
  const query =
    'id' in place
      ? { text: FIND_BY_ID, values: [...conditions, place.id] }
      : { text: FIND_BY_NAME, values: [...conditions, place.owner.toLowerCase(), place.name] }
  const { rows } = await poolOf(db()).query<RunnableRow>(query)
  return rows[0] ?? null
}
