import { ownedAccountIds } from '@/lib/accounts/queries'
import { algorithmAt } from '@/lib/algorithms/access'
import { readLimits, workerLimits } from '@/lib/algorithms/limits'
import { accountOf, type Context, type DataRight, dataRightOf } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { RunnableVersion } from '@/lib/runtime/port'
import { readSecretValues } from '@/lib/secrets/queries'
import { readRuntimeSettings } from '@/lib/settings/queries'
import { parseEndpoint, parseVersionSelector, type VersionSelector } from './endpoint'
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
  const algorithm = await db().algorithm.findFirst({ where: algorithmAt(parsed), select: ALGORITHM })
  if (!algorithm) throw endpointNotFound(path)
  await requirePipelining(ctx)
  const mayUsePrivate = (await ownedAccountIds(ctx)).includes(algorithm.ownerId)
  const resolved = await resolveSelector(algorithm, parsed.selector, {
    callerId: accountOf(ctx),
    dataRight: dataRightOf(ctx),
    mayUsePrivate,
  })
  if (resolved) return resolved
  throw endpointNotFound(path, mayUsePrivate ? await explainMiss(algorithm.id, path, parsed.selector) : '')
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
  const algorithm = await db().algorithm.findUnique({ where: { id: algorithmId }, select: ALGORITHM })
  if (!algorithm) return null
  const mayUsePrivate = flowOwnerAccountId === algorithm.ownerId
  const caller: Caller = { callerId: flowOwnerAccountId, dataRight: 'read_write', mayUsePrivate }
  if (!versionSelector) return newestVersion(algorithm, mayUsePrivate ? {} : PUBLIC, caller)
  const selector = parseVersionSelector(versionSelector)
  return selector && resolveSelector(algorithm, selector, caller)
}

type Caller = { callerId: string; dataRight: DataRight; mayUsePrivate: boolean }

const ALGORITHM = {
  id: true,
  ownerId: true,
  name: true,
  networkAccess: true,
  limits: true,
  owner: { select: { name: true } },
  environment: { select: { language: true, interpreterPath: true } },
} satisfies Prisma.AlgorithmSelect

type FoundAlgorithm = Prisma.AlgorithmGetPayload<{ select: typeof ALGORITHM }>

const PUBLIC = { callability: 'public' } satisfies Prisma.VersionWhereInput

async function resolveSelector(
  algorithm: FoundAlgorithm,
  selector: VersionSelector,
  caller: Caller,
): Promise<ResolvedVersion | null> {
  switch (selector.kind) {
    case 'newest-public':
      return newestVersion(algorithm, PUBLIC, caller)
    case 'newest-private':
      return caller.mayUsePrivate ? newestVersion(algorithm, { callability: 'private' }, caller) : null
    case 'range': {
      const minor = selector.minor === null ? {} : { minor: selector.minor }
      return newestVersion(algorithm, { ...PUBLIC, major: selector.major, ...minor }, caller)
    }
    case 'exact': {
      const { major, minor, revision } = selector
      return newestVersion(algorithm, { ...(caller.mayUsePrivate ? {} : PUBLIC), major, minor, revision }, caller)
    }
    case 'commit':
      return caller.mayUsePrivate ? builtCommit(algorithm, selector.sha, caller) : null
  }
}

async function newestVersion(
  algorithm: FoundAlgorithm,
  where: Prisma.VersionWhereInput,
  caller: Caller,
): Promise<ResolvedVersion | null> {
  const version = await db().version.findFirst({
    where: { ...where, algorithmId: algorithm.id },
    orderBy: [{ major: 'desc' }, { minor: 'desc' }, { revision: 'desc' }],
    select: {
      id: true,
      major: true,
      minor: true,
      revision: true,
      build: { select: { commitSha: true, environmentKey: true, interpreterPath: true } },
    },
  })
  return version && describe(algorithm, version.build, caller, version)
}

async function builtCommit(algorithm: FoundAlgorithm, sha: string, caller: Caller): Promise<ResolvedVersion | null> {
  const build = await db().build.findFirst({
    where: { algorithmId: algorithm.id, commitSha: sha, status: 'succeeded' },
    orderBy: { createdAt: 'desc' },
    select: { commitSha: true, environmentKey: true, interpreterPath: true },
  })
  return build && describe(algorithm, build, caller, null)
}

async function describe(
  algorithm: FoundAlgorithm,
  build: { commitSha: string; environmentKey: string | null; interpreterPath: string | null },
  caller: Caller,
  version: (SemanticVersion & { id: string }) | null,
): Promise<ResolvedVersion> {
  const { id, ownerId, name, owner, environment, networkAccess } = algorithm
  const { maxima } = await readRuntimeSettings()
  return {
    algorithm: { id, ownerId, ownerName: owner.name, name },
    versionId: version?.id ?? null,
    semanticVersion: version && formatSemanticVersion(version),
    runnable: {
      algorithmId: id,
      ownerId,
      callerId: caller.callerId,
      callerDataRight: caller.dataRight,
      algorithmName: `${owner.name}/${name}`,
      commitSha: build.commitSha,
      language: environment.language,
      // What it was built with, whatever has become of the environment since; builds of before did not note it.
      interpreterPath: build.interpreterPath ?? environment.interpreterPath,
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
