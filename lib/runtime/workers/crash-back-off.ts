import { CRASHES_BEFORE_BACK_OFF, MAX_BACK_OFF_MS, MIN_BACK_OFF_MS } from '../limits'

/** Makes the next start of a version wait after several crashes in a row: 1, 2, 4 … seconds. */
export class CrashBackOff {
  #crashes = 0
  #until = 0

  noteCrash(): void {
    this.#crashes++
    const excess = this.#crashes - CRASHES_BEFORE_BACK_OFF
    if (excess >= 0) this.#until = Date.now() + Math.min(MAX_BACK_OFF_MS, MIN_BACK_OFF_MS * 2 ** excess)
  }

  noteSuccess(): void {
    this.#crashes = 0
    this.#until = 0
  }

  remainingMs(): number {
    return Math.max(0, this.#until - Date.now())
  }
}
