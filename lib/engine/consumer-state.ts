import type { ConsumerState } from '@/lib/generated/prisma/enums'

/**
 * The states of a consumer:
 *
 * - `starting`: connects for the first time, or anew after a change; becomes anything.
 * - `receiving`: the link stands; messages run as they come.
 * - `reconnecting`: the broker (or our database) does not answer; tried again by itself, left when it does.
 * - `misconfigured`: a person has to change something (key, queue, build, sandbox); looked at again now and then.
 * - `waiting_for_version`: nothing can run for the flow's owner; nothing is received until something is published.
 * - `paused`: somebody wants nothing received; what is in work ends, and messages stay on the queue until it is resumed.
 * - `draining`: takes nothing more and ends what is in hand; then it is `stopped`, unless somebody resumes the flow.
 * - `stopped`: has let go of everything. The first state and the last.
 */
const NEXT_STATES: Record<ConsumerState, readonly ConsumerState[]> = {
  stopped: ['starting', 'waiting_for_version', 'misconfigured', 'paused', 'stopped'],
  starting: ['receiving', 'reconnecting', 'misconfigured', 'waiting_for_version', 'paused', 'draining'],
  receiving: ['receiving', 'reconnecting', 'misconfigured', 'waiting_for_version', 'paused', 'draining', 'starting'],
  reconnecting: ['receiving', 'reconnecting', 'misconfigured', 'waiting_for_version', 'paused', 'draining', 'starting'],
  misconfigured: [
    'receiving',
    'reconnecting',
    'misconfigured',
    'waiting_for_version',
    'paused',
    'draining',
    'starting',
  ],
  waiting_for_version: ['starting', 'waiting_for_version', 'misconfigured', 'paused', 'draining'],
  paused: ['starting', 'waiting_for_version', 'misconfigured', 'paused', 'draining'],
  draining: ['stopped', 'draining', 'starting', 'waiting_for_version', 'misconfigured', 'paused'],
}

export type StateChange = { state: ConsumerState; reason: string; changedAt: Date }

/** Holds the one state of a consumer and tells of each change of it, or of its reason. */
export class StateHolder {
  #current: StateChange = { state: 'stopped', reason: 'Not started yet.', changedAt: new Date() }
  readonly #onChange: (change: StateChange) => void

  constructor(onChange: (change: StateChange) => void) {
    this.#onChange = onChange
  }

  get current(): StateChange {
    return this.#current
  }

  get state(): ConsumerState {
    return this.#current.state
  }

  /** Throws when `state` can not follow the present one: that is a defect of ours. */
  enter(state: ConsumerState, reason: string): void {
    const from = this.#current
    if (from.state === state && from.reason === reason) return
    if (!NEXT_STATES[from.state].includes(state)) throw new Error(`a ${from.state} consumer can not become ${state}`)
    this.#current = { state, reason, changedAt: from.state === state ? from.changedAt : new Date() }
    this.#onChange(this.#current)
  }
}
