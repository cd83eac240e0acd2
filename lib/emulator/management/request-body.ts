/** Reads the map of a `$management` request: values come as rhea decoded them. */
export class RequestBody {
  readonly #fields: Record<string, unknown>

  constructor(body: unknown) {
    this.#fields = body !== null && typeof body === 'object' ? (body as Record<string, unknown>) : {}
  }

  text(name: string): string | undefined {
    const value = this.#fields[name]
    return value === undefined || value === null ? undefined : String(value)
  }

  flag(name: string): boolean {
    return this.#fields[name] === true
  }

  /** Throws when the field is not a number. */
  number(name: string, fallback?: number): number {
    const value = this.#fields[name]
    if ((value === undefined || value === null) && fallback !== undefined) return fallback
    return toNumber(value, name)
  }

  numbers(name: string): number[] {
    return this.list(name).map((value) => toNumber(value, name))
  }

  /** Binary values, such as uuids. */
  buffers(name: string): Buffer[] {
    return this.list(name).map((value) => {
      if (!Buffer.isBuffer(value)) throw new Error(`${name} must hold binary values`)
      return value
    })
  }

  buffer(name: string): Buffer | null {
    const value = this.#fields[name]
    if (value === undefined || value === null) return null
    if (!Buffer.isBuffer(value)) throw new Error(`${name} must be binary`)
    return value
  }

  map(name: string): Record<string, unknown> | undefined {
    const value = this.#fields[name]
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined
  }

  /** An array of one value may come as that value. */
  list(name: string): unknown[] {
    const value = this.#fields[name]
    if (value === undefined || value === null) return []
    return Array.isArray(value) ? value : [value]
  }
}

/** rhea gives longs beyond 2^53 as eight bytes. */
function toNumber(value: unknown, name: string): number {
  const number = Buffer.isBuffer(value) && value.length === 8 ? Number(value.readBigInt64BE(0)) : Number(value)
  if (value === undefined || value === null || Number.isNaN(number)) throw new Error(`${name} must be a number`)
  return number
}
