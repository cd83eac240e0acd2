import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { accountOf } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { Prisma } from '@/lib/generated/prisma/client'
import { managedAccountIds } from '../access'
import { CreateAlgorithm } from '../schema'
import { commitChanges } from '../source/commit'
import { initRepository, removeRepository, repositoryOf } from '../source/repository'
import { templateFiles } from '../source/templates'
import { requireFittingLicense } from './update-algorithm'

export const INITIAL_COMMIT_MESSAGE = 'Initial commit'

export type CreatedAlgorithm = { id: string; owner: string; name: string; commitSha: string }

/**
 * Makes an algorithm with a repository and the template of its language as the first commit: private, not published,
 * not callable until it is built. Throws `conflict` when the owner has one of this name, in any case of letters.
 */
export async function createAlgorithm(ctx: Context, input: CreateAlgorithm): Promise<CreatedAlgorithm> {
  const managed = await managedAccountIds(ctx)
  const wanted = CreateAlgorithm.parse(input)
  requireFittingLicense(wanted)
  const owner = await findOwner(wanted.owner, managed, accountOf(ctx))
  const environment = await findEnvironment(wanted.environment)
  const id = crypto.randomUUID()
  const repository = repositoryOf(id)
  await initRepository(repository)
  try {
    return await db().$transaction(async (tx) => {
      await requireFreeName(tx, owner, wanted.name)
      const { sourceVisibility, license, networkAccess, pipelineEnabled, tagline, name } = wanted
      const settings = { sourceVisibility, license, networkAccess, pipelineEnabled, tagline }
      await tx.algorithm.create({
        data: { id, ownerId: owner.id, environmentId: environment.id, name, label: wanted.label ?? name, ...settings },
        select: { id: true },
      })
      const commitSha = await commitChanges(tx, {
        algorithmId: id,
        parentSha: null,
        changes: templateFiles(environment.language, owner.name, name),
        message: INITIAL_COMMIT_MESSAGE,
        authorName: owner.name,
      })
      await recordAudit(tx, ctx, {
        action: 'algorithm.create',
        targetKind: 'algorithm',
        targetName: `${owner.name}/${name}`,
        accountId: owner.id,
      })
      return { id, owner: owner.name, name, commitSha }
    })
  } catch (error) {
    await removeRepository(repository)
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') throw nameTaken(wanted.name)
    throw error
  }
}

type Owner = { id: string; name: string }

async function findOwner(name: string | undefined, managed: string[], ownAccountId: string): Promise<Owner> {
  const which = name === undefined ? { id: ownAccountId } : { nameKey: name.toLowerCase() }
  const owner = await db().account.findFirst({
    where: { AND: [which, { id: { in: managed } }] },
    select: { id: true, name: true },
  })
  if (owner) return owner
  throw new AppError('not_found', `There is no account ${name} that you may create algorithms for.`, {
    fields: { owner: 'Choose yourself or an organization that you belong to.' },
  })
}

async function findEnvironment(name: string | undefined) {
  const environment = await db().environment.findFirst({
    where: { isAvailable: true, isEnabled: true, ...(name === undefined ? {} : { name }) },
    orderBy: [{ isDefault: 'desc' }, { name: 'asc' }],
    select: { id: true, language: true },
  })
  if (environment) return environment
  const message = name
    ? `There is no environment ${name} to choose any more; choose another one.`
    : 'No language environment was found on this machine. Install Python 3 and start the server again.'
  throw new AppError('invalid_input', message, { fields: { environment: message } })
}

/** Names differ in more than case: `Hello` and `hello` would be one folder on some disks. */
async function requireFreeName(tx: Transaction, owner: Owner, name: string): Promise<void> {
  const similar = await tx.algorithm.findMany({
    // An ILIKE, in which each `_` of the name stands for any character: hence the second look below.
    where: { ownerId: owner.id, name: { equals: name, mode: 'insensitive' } },
    select: { name: true },
  })
  const taken = similar.find((other) => other.name.toLowerCase() === name.toLowerCase())
  if (taken) throw nameTaken(taken.name)
}

function nameTaken(name: string): AppError {
  const message = `You have an algorithm ${name} already; choose another name.`
  return new AppError('conflict', message, { fields: { name: message } })
}
