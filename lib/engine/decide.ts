import type { BackOffKind } from '@/lib/generated/prisma/enums'
import type { RunError, RunErrorKind } from '@/lib/runtime/port'

/** How one delivery came out, before anything is settled. */
export type Outcome =
  | { kind: 'succeeded' }
  /** An earlier delivery of the message has a recorded success. */
  | { kind: 'already_won' }
  | { kind: 'failed'; error: RunError }
  /** The body can not become an input. */
  | { kind: 'unusable_input'; problem: string }
  /** Something that has nothing to do with the message is missing: a version, the database, a place for the result. */
  | { kind: 'hindered'; obstacle: Obstacle }
  /** The broker gave the message to somebody else in the meantime. */
  | { kind: 'lock_lost' }
  /** The flow's limit for keeping a message in hand is over. */
  | { kind: 'held_too_long' }
  /** The engine stops and has killed the run, or has not begun it. */
  | { kind: 'stopping' }
  /** The run is over, but its row can not be written, and trying again would not help. */
  | { kind: 'unrecordable' }

/** What to do with the message. */
export type Decision =
  | { action: 'complete' }
  /** Give it back after the back-off; until then the lock is kept and no slot is taken. */
  | { action: 'abandon'; afterMs: number }
  /** Give it back at once, uncounted: it was not tried, or not to its end. */
  | { action: 'release' }
  | { action: 'dead_letter'; reason: string; description: string }
  /** Nothing is wrong with the message: keep it and its slot, and try again later. Burns no attempt. */
  | { action: 'try_again'; afterMs: number; obstacle: Obstacle }
  /** It is not ours any more: nothing to settle. */
  | { action: 'leave' }

export type ObstacleKind =
  | 'overloaded'
  | 'not_built'
  | 'sandbox_refused'
  | 'no_version'
  | 'database_away'
  /** The output collection is missing, or is not the flow owner's. */
  | 'output_unwritable'
  /** The disk for results is full, or does not answer. */
  | 'storage_away'

/** Why nothing of a flow can run at the moment, for its page. */
export type Obstacle = { kind: ObstacleKind; text: string }

/** How the wait before the next attempt grows. */
export type BackOffPolicy = { firstMs: number; factor: number; longestMs: number }

export const DEFAULT_BACK_OFF: BackOffPolicy = backOffPolicy('exponential', 1_000, 60_000)

/** Azure cuts reasons and descriptions at 4,096 characters. */
const DESCRIPTION_CHARACTERS = 2_000

type Treatment = 'next_attempt' | 'hopeless' | Extract<ObstacleKind, RunErrorKind>

/** What each way to fail calls for. `aborted` and `unusable_input` are outcomes of their own: the engine knows more of them. */
const TREATMENTS: Record<Exclude<RunErrorKind, 'aborted' | 'unusable_input'>, Treatment> = {
  algorithm_error: 'next_attempt',
  loading_error: 'next_attempt', // a version without the fault may be published in between
  timeout: 'next_attempt',
  out_of_memory: 'next_attempt',
  worker_exit: 'next_attempt',
  result_too_large: 'hopeless',
  input_too_large: 'hopeless',
  overloaded: 'overloaded',
  not_built: 'not_built',
  sandbox_refused: 'sandbox_refused',
}

const TRY_AGAIN_MS: Record<ObstacleKind, number> = {
  overloaded: 1_000,
  not_built: 5_000,
  sandbox_refused: 15_000,
  no_version: 5_000,
  database_away: 1_000,
  output_unwritable: 5_000,
  storage_away: 5_000,
}

/** Reason in the dead-letter queue, and what a person can do. */
const HOPELESS = {
  result_too_large: [
    'ResultTooLarge',
    'Let the algorithm write large results to hosted data and return their path, then send the message again.',
  ],
  input_too_large: ['InputTooLarge', 'Put the data into a collection and send a message that names it.'],
} as const

/** Decides about a delivery; `attempt` is 1 for the first. Pure: the whole policy of the engine is here. */
export function decide(outcome: Outcome, attempt: number, backOff: BackOffPolicy = DEFAULT_BACK_OFF): Decision {
  switch (outcome.kind) {
    case 'succeeded':
    case 'already_won':
      return { action: 'complete' }
    case 'failed':
      return decideFailure(outcome.error, attempt, backOff)
    case 'unusable_input':
      return unusableInput(outcome.problem)
    case 'hindered':
      return tryAgain(outcome.obstacle)
    case 'lock_lost':
      return { action: 'leave' }
    case 'held_too_long':
      return { action: 'abandon', afterMs: 0 }
    case 'stopping':
      return { action: 'release' }
    case 'unrecordable':
      return { action: 'abandon', afterMs: backOffMs(attempt, backOff) }
  }
}

/** A flow's policy: `none` gives a message back at once, `fixed` waits the same time, `exponential` doubles it. */
export function backOffPolicy(kind: BackOffKind, firstMs: number, longestMs: number): BackOffPolicy {
  switch (kind) {
    case 'none':
      return { firstMs: 0, factor: 1, longestMs: 0 }
    case 'fixed':
      return { firstMs, factor: 1, longestMs: firstMs }
    case 'exponential':
      return { firstMs, factor: 2, longestMs }
  }
}

/** The wait after the given attempt: 1 s, 2 s, 4 s … 1 minute by default. */
export function backOffMs(attempt: number, { firstMs, factor, longestMs }: BackOffPolicy): number {
  return Math.min(longestMs, firstMs * factor ** Math.max(0, attempt - 1))
}

function decideFailure(error: RunError, attempt: number, backOff: BackOffPolicy): Decision {
  if (error.kind === 'aborted') return { action: 'release' }
  if (error.kind === 'unusable_input') return unusableInput(error.message)
  const treatment = TREATMENTS[error.kind]
  switch (treatment) {
    case 'next_attempt':
      return { action: 'abandon', afterMs: backOffMs(attempt, backOff) }
    case 'hopeless': {
      const [reason, advice] = HOPELESS[error.kind as keyof typeof HOPELESS]
      return deadLetter(reason, `${error.message} Delivering it again would not change that. ${advice}`)
    }
    default:
      return tryAgain({ kind: treatment, text: error.message })
  }
}

function unusableInput(problem: string): Decision {
  return deadLetter('UnusableInput', `${problem} Correct the sender, or send the message again as text.`)
}

function tryAgain(obstacle: Obstacle): Decision {
  return { action: 'try_again', afterMs: TRY_AGAIN_MS[obstacle.kind], obstacle }
}

function deadLetter(reason: string, description: string): Decision {
  return { action: 'dead_letter', reason, description: description.slice(0, DESCRIPTION_CHARACTERS) }
}
