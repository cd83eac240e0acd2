import rhea from 'rhea'
import { type AmqpError, wireError } from './amqp-error'

/** The parts of rhea's message module that its typings leave out. */
type OutcomeFactories = Record<
  'accepted' | 'rejected' | 'released' | 'modified',
  (fields?: Record<string, unknown>) => { described(): unknown }
>

const outcomes = rhea.message as unknown as OutcomeFactories

export type OutcomeName = keyof OutcomeFactories

export const OUTCOME_NAMES: OutcomeName[] = ['accepted', 'rejected', 'released', 'modified']

/**
 * The broker's answer to a settlement: the same kind of outcome (Java compares them), but never with the error that came
 * in, which the JavaScript client would take for a failure of the settlement itself.
 */
export function outcomeOf(name: OutcomeName): unknown {
  return outcomes[name]({}).described()
}

export function rejectedWith(error: AmqpError): unknown {
  return outcomes.rejected({ error: wireError(error) }).described()
}
