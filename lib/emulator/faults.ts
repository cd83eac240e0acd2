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
  change(change: Record<string, unknown>): string | undefined {
    for (const [name, value] of Object.entries(change)) {
      if (!Object.hasOwn(OFF, name)) return `There is no switch '${name}'. There are: ${Object.keys(OFF).join(', ')}.`
      const isRight = name === 'queue' ? value === null || typeof value === 'string' : isCount(value)
      if (!isRight) return `The switch '${name}' can not have the value ${JSON.stringify(value)}.`
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

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
