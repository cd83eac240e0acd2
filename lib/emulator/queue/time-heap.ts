type Entry<Item> = { atMs: number; item: Item; index: number }

/** Items by a point in time, earliest first, each at most once. What is removed is let go of at once. */
export class TimeHeap<Item> {
  readonly #entries: Entry<Item>[] = []
  readonly #byItem = new Map<Item, Entry<Item>>()

  get size(): number {
    return this.#entries.length
  }

  has(item: Item): boolean {
    return this.#byItem.has(item)
  }

  push(atMs: number, item: Item): void {
    const entry = { atMs, item, index: this.#entries.length }
    this.#entries.push(entry)
    this.#byItem.set(item, entry)
    this.#rise(entry)
  }

  /** Does nothing when the item is not here. */
  remove(item: Item): void {
    const entry = this.#byItem.get(item)
    if (!entry) return
    this.#byItem.delete(item)
    const last = this.#entries.pop() as Entry<Item>
    if (last === entry) return
    this.#put(last, entry.index)
    this.#rise(last)
    this.#sink(last)
  }

  /** The earliest, if it is due. */
  due(nowMs: number): Item | undefined {
    const first = this.#entries[0]
    return first !== undefined && first.atMs <= nowMs ? first.item : undefined
  }

  /** Takes the earliest, if it is due. */
  popDue(nowMs: number): Item | undefined {
    const item = this.due(nowMs)
    if (item !== undefined) this.remove(item)
    return item
  }

  #rise(entry: Entry<Item>): void {
    while (entry.index > 0) {
      const parent = this.#entries[(entry.index - 1) >> 1] as Entry<Item>
      if (parent.atMs <= entry.atMs) return
      this.#swap(entry, parent)
    }
  }

  #sink(entry: Entry<Item>): void {
    for (;;) {
      const left = this.#entries[2 * entry.index + 1]
      const right = this.#entries[2 * entry.index + 2]
      const child = left && right && right.atMs < left.atMs ? right : left
      if (!child || child.atMs >= entry.atMs) return
      this.#swap(entry, child)
    }
  }

  #swap(a: Entry<Item>, b: Entry<Item>): void {
    const { index } = a
    this.#put(a, b.index)
    this.#put(b, index)
  }

  #put(entry: Entry<Item>, index: number): void {
    this.#entries[index] = entry
    entry.index = index
  }
}
