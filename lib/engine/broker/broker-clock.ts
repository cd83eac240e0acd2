/**
 * The broker's times on the clock of this machine. When that is behind, a lock would look as if it lasted longer than it
 * does, and its renewal would come too late. The broker tells its time only in passing: what it delivers now, it has
 * enqueued before, so the clock here is behind by as much as a message seems to come from the future.
 */
export class BrokerClock {
  #behindMs = 0

  /** `enqueuedAt` of a message that has just come. */
  noteEnqueued(enqueuedAt: Date): void {
    this.#behindMs = Math.max(this.#behindMs, enqueuedAt.getTime() - Date.now())
  }

  /** Too early rather than too late. */
  toLocal(time: Date): Date {
    return this.#behindMs === 0 ? time : new Date(time.getTime() - this.#behindMs)
  }
}
