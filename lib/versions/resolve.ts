import { ownedAccountIds } from '@/lib/accounts/queries'
import { readLimits, workerLimits } from '@/lib/algorithms/limits'
import { accountOf, type Context, type DataRight, dataRightOf } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import type { RunnableVersion } from '@/lib/runtime/port'
import { readSecretValues } from '@/lib/secrets/queries'
import { readRuntimeSettings } from '@/lib/settings/queries'
import { parseEndpoint, parseVersionSelector, type VersionSelector } from './endpoint'
import { type BuildRow, findRunnableRow, type RunnableRow, type WantedVersion } from './runnable-row'
import { formatSemanticVersion, type SemanticVersion } from './schema'

/** An endpoint that can run now. `versionId` and `semanticVersion` are null for a commit that was named by its SHA. */
export type ResolvedVersion = {
  algorithm: { id: string; ownerId: string; ownerName: string; name: string }
  versionId: string | null
  semanticVersion: string | null
  runnable: RunnableVersion
}

/**
 * Finds what `OWNER/NAME[/VERSION]` (with or without `algo://`) means for the actor, who becomes the caller.
 * Throws `not_found`, with the text that the official clients know, when there is nothing that the actor may call.
 */
export async function resolveEndpoint(ctx: Context, endpoint: string): Promise<ResolvedVersion> {
  requireCallRight(ctx)
  const parsed = parseEndpoint(endpoint)
  if (!parsed) throw endpointNotFound(endpoint.replace(/^algo:\/\//, ''))
  const path = `${parsed.owner}/${parsed.name}`
  const ownedIds = await ownedAccountIds(ctx)
  const row = await findRunnableRow(parsed, wantedBy(parsed.selector), ownedIds)
  if (!row) throw endpointNotFound(path)
  await requirePipelining(ctx)
  const mayUsePrivate = ownedIds.includes(row.ownerId)
  const caller: Caller = { callerId: accountOf(ctx), dataRight: dataRightOf(ctx), mayUsePrivate }
  const resolved = await resolveRow(row, parsed.selector, caller)
  if (resolved) return resolved
  throw endpointNotFound(path, mayUsePrivate ? await explainMiss(row.id, path, parsed.selector) : '')
}

/**
 * What an event flow runs for its owner: the named version, or without one the newest published version that the
 * owner may call, private ones too. Null when there is none (any more).
 */
export async function resolveForFlow(
  flowOwnerAccountId: string,
  algorithmId: string,
  versionSelector: string | null,
): Promise<ResolvedVersion | null> {
  const selector = versionSelector ? parseVersionSelector(versionSelector) : null
  if (versionSelector && !selector) return null
  const wanted = selector ? wantedBy(selector) : ANY_VERSION
  const row = await findRunnableRow({ id: algorithmId }, wanted, [flowOwnerAccountId])
  if (!row) return null
  const mayUsePrivate = flowOwnerAccountId === row.ownerId
  return resolveRow(row, selector, { callerId: flowOwnerAccountId, dataRight: 'read_write', mayUsePrivate })
}

type Caller = { callerId: string; dataRight: DataRight; mayUsePrivate: boolean }

const ANY_VERSION: WantedVersion = { callability: ['public', 'private'], major: null, minor: null, revision: null }
const PUBLIC: WantedVersion = { ...ANY_VERSION, callability: ['public'] }

function wantedBy(selector: VersionSelector): WantedVersion {
  switch (selector.kind) {
    case 'newest-public':
      return PUBLIC
    case 'newest-private':
      return { ...ANY_VERSION, callability: ['private'] }
    case 'range':
      return { ...PUBLIC, major: selector.major, minor: selector.minor }
    case 'exact': {
      const { major, minor, revision } = selector
      return { ...ANY_VERSION, major, minor, revision }
    }
    case 'commit':
      return { ...ANY_VERSION, callability: [] }
  }
}

async function resolveRow(
  row: RunnableRow,
  selector: VersionSelector | null,
  caller: Caller,
): Promise<ResolvedVersion | null> {
  if (selector?.kind === 'commit') return caller.mayUsePrivate ? builtCommit(row, selector.sha, caller) : null
  return row.versionId === null ? null : describe(row, row, caller, { ...row, id: row.versionId })
}

async function builtCommit(algorithm: RunnableRow, sha: string, caller: Caller): Promise<ResolvedVersion | null> {
  const build = await db().build.findFirst({
    where: { algorithmId: algorithm.id, commitSha: sha, status: 'succeeded' },
    orderBy: { createdAt: 'desc' },
    select: { commitSha: true, environmentKey: true, interpreterPath: true },
  })
  return build && describe(algorithm, build, caller, null)
}

async function describe(
  algorithm: RunnableRow,
  build: BuildRow,
  caller: Caller,
  version: (SemanticVersion & { id: string }) | null,
): Promise<ResolvedVersion> {
  const { id, ownerId, ownerName, name, language, environmentPath, networkAccess } = algorithm
  const { maxima } = await readRuntimeSettings()
  return {
    algorithm: { id, ownerId, ownerName, name },
    versionId: version?.id ?? null,
    semanticVersion: version && formatSemanticVersion(version),
    runnable: {
      algorithmId: id,
      ownerId,
      callerId: caller.callerId,
      callerDataRight: caller.dataRight,
      algorithmName: `${ownerName}/${name}`,
      commitSha: build.commitSha,
      language,
      // What it was built with, whatever has become of the environment since; builds of before did not note it.
      interpreterPath: build.interpreterPath ?? environmentPath,
      environmentKey: build.environmentKey,
      networkAccess,
      limits: workerLimits(readLimits(algorithm.limits), maxima),
      readSecrets: () => readSecretValues(id),
    },
  }
}

function requireCallRight(ctx: Context): void {
  if (ctx.actor.kind === 'api-key' && ctx.actor.permissions.algorithms === 'none') {
    throw new AppError('forbidden', 'This API key may not call algorithms. Use one with access to algorithms.')
  }
}

/** An algorithm whose pipelining is off may not call others. */
async function requirePipelining(ctx: Context): Promise<void> {
  if (ctx.actor.kind !== 'algorithm') return
  const caller = await db().algorithm.findUnique({
    where: { id: ctx.actor.algorithmId },
    select: { pipelineEnabled: true },
  })
  if (caller?.pipelineEnabled) return
  throw new AppError('forbidden', 'Pipelining is off for the calling algorithm: it may not call other algorithms.')
}

/** For owners only: why their own endpoint does not resolve, and what would. */
async function explainMiss(algorithmId: string, path: string, selector: VersionSelector): Promise<string> {
  if (selector.kind === 'commit') return 'there is no successful build of this commit'
  const newest = await db().version.findFirst({
    where: { algorithmId },
    orderBy: [{ major: 'desc' }, { minor: 'desc' }, { revision: 'desc' }],
    select: { major: true, minor: true, revision: true },
  })
  if (!newest) return 'no version of it is published yet'
  const example = `the newest one is ${path}/${formatSemanticVersion(newest)}`
  return selector.kind === 'newest-public' || selector.kind === 'range'
    ? `it has no such public version; ${example}`
    : `it has no such version; ${example}`
}

function endpointNotFound(path: string, reason = ''): AppError {
  return new AppError('not_found', `algorithm algo://${path} not found${reason && `: ${reason}`}`)
}
