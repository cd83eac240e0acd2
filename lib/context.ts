import { AppError } from './errors'

/** How far an actor's use of its account's data goes: an API key may be given less than its account has. */
export type DataRight = 'read_write' | 'read' | 'none'

/** Who does something. Every command takes one inside its context; the audit log records it. */
export type Actor =
  /** A person at the console. `accountId` is the person's own account. */
  | { kind: 'user'; userId: string; accountId: string; name: string; isAdmin: boolean }
  /** A program with an API key of an account. */
  | {
      kind: 'api-key'
      keyId: string
      accountId: string
      name: string
      permissions: { algorithms: 'full' | 'none'; data: DataRight; canManage: boolean }
    }
  /**
   * An algorithm at work: it acts for the caller's account, with no more right to its data than the caller has, and may
   * read what its own owner lets it read.
   */
  | {
      kind: 'algorithm'
      accountId: string
      name: string
      algorithmId: string
      algorithmOwnerId: string
      dataRight: DataRight
    }
  /** The program itself: the launcher, the engine, a migration of data. */
  | { kind: 'system'; name: string }

export type ActorWithAccount = Exclude<Actor, { kind: 'system' }>

/** What every query and command takes first. */
export type Context = { actor: Actor }

export const systemContext = (name: string): Context => ({ actor: { kind: 'system', name } })

/** The account that the actor acts for. Throws `unauthenticated` for the program itself, which has none. */
export function accountOf(ctx: Context): string {
  if (ctx.actor.kind === 'system') throw new AppError('unauthenticated', 'This needs an account; sign in first.')
  return ctx.actor.accountId
}

/** The actor's right to the data of its account. */
export function dataRightOf({ actor }: Context): DataRight {
  switch (actor.kind) {
    case 'api-key':
      return actor.permissions.data
    case 'algorithm':
      return actor.dataRight
    case 'user':
    case 'system':
      return 'read_write'
  }
}

/** Throws `not_found` unless the actor is an administrator at the console: others need not know what is there. */
export function requireAdmin(ctx: Context): void {
  if (ctx.actor.kind === 'system') return
  if (ctx.actor.kind === 'user' && ctx.actor.isAdmin) return
  throw new AppError('not_found', 'There is no such page.')
}
