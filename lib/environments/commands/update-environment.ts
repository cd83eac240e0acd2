import { recordAudit } from '@/lib/audit/commands'
import { type Context, requireAdmin } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { compareEnvironments, EnvironmentId, MoveEnvironment, UpdateEnvironment } from '../schema'

/**
 * Renames an environment, or says whether new algorithms are offered it; those that have it keep it either way. Throws
 * `conflict` for the default one, which is always offered. For administrators.
 */
export async function updateEnvironment(ctx: Context, input: UpdateEnvironment): Promise<void> {
  requireAdmin(ctx)
  const { environmentId, ...changes } = UpdateEnvironment.parse(input)
  await db().$transaction(async (tx) => {
    const environment = await findEnvironment(tx, environmentId)
    if (environment.isDefault && changes.isEnabled === false) {
      throw new AppError('conflict', 'The default environment is always offered. Make another one the default first.')
    }
    await tx.environment.update({ where: { id: environmentId }, data: changes, select: { id: true } })
    await record(tx, ctx, 'environment.update', environment.name, changes)
  })
}

/** New algorithms get this one when nothing else is chosen. Throws `conflict` for one that is not there any more. */
export async function setDefaultEnvironment(ctx: Context, input: EnvironmentId): Promise<void> {
  requireAdmin(ctx)
  const { environmentId } = EnvironmentId.parse(input)
  await db().$transaction(async (tx) => {
    const environment = await findEnvironment(tx, environmentId)
    if (!environment.isAvailable) {
      throw new AppError('conflict', `${environment.displayName} is not on this machine any more.`)
    }
    await tx.environment.updateMany({ where: { isDefault: true }, data: { isDefault: false } })
    const data = { isDefault: true, isEnabled: true }
    await tx.environment.update({ where: { id: environmentId }, data, select: { id: true } })
    await record(tx, ctx, 'environment.set-default', environment.name)
  })
}

/** One place up or down in the list. The default one is first whatever its place is; at an end nothing changes. */
export async function moveEnvironment(ctx: Context, input: MoveEnvironment): Promise<void> {
  requireAdmin(ctx)
  const { environmentId, direction } = MoveEnvironment.parse(input)
  await db().$transaction(async (tx) => {
    const environment = await findEnvironment(tx, environmentId)
    const listed = (await tx.environment.findMany({ select: FACTS })).sort(compareEnvironments)
    const from = listed.findIndex(({ id }) => id === environmentId)
    const to = direction === 'up' ? from - 1 : from + 1
    const other = listed[to]
    const self = listed[from]
    if (!self || !other) return
    listed[to] = self
    listed[from] = other
    for (const [position, { id }] of listed.entries()) {
      await tx.environment.update({ where: { id }, data: { position }, select: { id: true } })
    }
    await record(tx, ctx, 'environment.move', environment.name, { direction })
  })
}

const FACTS = {
  id: true,
  name: true,
  displayName: true,
  language: true,
  exactVersion: true,
  isDefault: true,
  isAvailable: true,
  position: true,
} as const

async function findEnvironment(tx: Transaction, id: string) {
  // One change of the list at a time: two administrators could otherwise leave two defaults, or two of one place.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ENVIRONMENT_LIST_LOCK}::bigint)`
  const environment = await tx.environment.findUnique({ where: { id }, select: FACTS })
  if (!environment) throw notFound('environment', id)
  return environment
}

const ENVIRONMENT_LIST_LOCK = 7_201_003

function record(tx: Transaction, ctx: Context, action: string, targetName: string, details = {}): Promise<void> {
  return recordAudit(tx, ctx, { action, targetKind: 'environment', targetName, details })
}
