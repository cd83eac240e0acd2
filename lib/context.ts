import { AppError } from './errors'

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
      permissions: { algorithms: 'full' | 'none'; data: 'read_write' | 'read' | 'none'; canManage: boolean }
    }
  /** An algorithm at work: it acts for the caller's account, and may read what its own owner lets it read. */
  | { kind: 'algorithm'; accountId: string; name: string; algorithmId: string; algorithmOwnerId: string }
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

/** Throws `not_found` unless the actor is an administrator at the console: others need not know what is there. */
export function requireAdmin(ctx: Context): void {
  if (ctx.actor.kind === 'system') return
  if (ctx.actor.kind === 'user' && ctx.actor.isAdmin) return
  throw new AppError('not_found', 'There is no such page.')
}
