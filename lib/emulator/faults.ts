/**
 * How the broker misbehaves, for tests and demos. Numbers say how many times (or how long); 0 is off. With `queue`, only
 * that queue is concerned.
 */
export type FaultSwitches = {
  queue: string | null
  /** Attaches that are answered with an internal error. */
  refuseAttaches: number
  /** Sends and management requests that are answered with server-busy. */
  answerServerBusy: number
  /** Settlements that never arrive. */
  loseDispositions: number
  /** Settlements that are applied, but whose answer never reaches the client. */
  loseDispositionAnswers: number
  /** Every settlement is applied this much later. */
  delayDispositionsMs: number
  /** Deliveries that come twice. */
  duplicateDeliveries: number
}

export type CountedFault = Exclude<keyof FaultSwitches, 'queue' | 'delayDispositionsMs'>

/** The longest time of a timer: beyond it Node waits for 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1

const OFF: FaultSwitches = {
  queue: null,
  refuseAttaches: 0,
  answerServerBusy: 0,
  loseDispositions: 0,
  loseDispositionAnswers: 0,
  delayDispositionsMs: 0,
  duplicateDeliveries: 0,
}

export class Faults {
  #switches: FaultSwitches = OFF

  get switches(): FaultSwitches {
    return this.#switches
  }

  /** Sets some switches and leaves the others; a sentence when the change makes no sense. */
  change(change: unknown): string | undefined {
    if (!isRecord(change)) return `${JSON.stringify(change)} must be an object of switches.`
    for (const [name, value] of Object.entries(change)) {
      if (!Object.hasOwn(OFF, name)) return `There is no switch '${name}'. There are: ${Object.keys(OFF).join(', ')}.`
      if (!isUsable(name, value)) return `The switch '${name}' can not have the value ${JSON.stringify(value)}.`
    }
    this.#switches = { ...this.#switches, ...change }
    return undefined
  }

  reset(): void {
    this.#switches = OFF
  }

  /** Whether this fault strikes now; counts it down. */
  strikes(fault: CountedFault, queueName: string): boolean {
    if (this.#switches[fault] <= 0 || !this.#concerns(queueName)) return false
    this.#switches = { ...this.#switches, [fault]: this.#switches[fault] - 1 }
    return true
  }

  delayMs(queueName: string): number {
    return this.#concerns(queueName) ? this.#switches.delayDispositionsMs : 0
  }

  #concerns(queueName: string): boolean {
    const { queue } = this.#switches
    return queue === null || queue.toLowerCase() === queueName.toLowerCase()
  }
}

function isUsable(name: string, value: unknown): boolean {
  if (name === 'queue') return value === null || typeof value === 'string'
  const max = name === 'delayDispositionsMs' ? MAX_DELAY_MS : Number.MAX_SAFE_INTEGER
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
