import { MEMORY_CHECK_INTERVAL_MS } from '../limits'
import { treeMemory } from './process-memory'

type Watched = { pid: number; memoryBytes: number; onExceeded: () => void }

/** How many checks an idle sandbox is passed over for. */
const IDLE_CHECKS = 50

/**
 * Ends sandboxes that go over their memory limit, where no cgroup does: adds up the memory of a sandbox's processes,
 * each 100 ms while it works. A burst shorter than that goes unseen, up to RLIMIT_DATA times the process limit.
 */
export class MemoryWatchdog {
  readonly #busy = new Set<Watched>()
  readonly #idle = new Set<Watched>()
  #timer: NodeJS.Timeout | undefined
  #checks = 0

  /** Starts watching; call what it returns when the sandbox has ended. */
  watch(watched: Watched): { setBusy: (isBusy: boolean) => void; stop: () => void } {
    this.#idle.add(watched)
    let isWatched = true
    this.#timer ??= setInterval(() => this.#check(), MEMORY_CHECK_INTERVAL_MS).unref()
    return {
      setBusy: (isBusy) => {
        if (!isWatched) return
        this.#busy.delete(watched)
        this.#idle.delete(watched)
        const set = isBusy ? this.#busy : this.#idle
        set.add(watched)
      },
      stop: () => {
        isWatched = false
        this.#busy.delete(watched)
        this.#idle.delete(watched)
        if (this.#busy.size + this.#idle.size > 0) return
        clearInterval(this.#timer)
        this.#timer = undefined
      },
    }
  }

  #check(): void {
    for (const watched of this.#busy) checkOne(watched)
    this.#checks = (this.#checks + 1) % IDLE_CHECKS
    if (this.#checks === 0) for (const watched of this.#idle) checkOne(watched)
  }
}

function checkOne({ pid, memoryBytes, onExceeded }: Watched): void {
  if (treeMemory(pid) > memoryBytes) onExceeded()
}
