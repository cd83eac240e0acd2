import rhea from 'rhea'

/** AMQP type codes of array elements. */
const CODE = { long: 0x81, timestamp: 0x83 } as const

// rhea's typings ask for a third argument that only described arrays have.
const wrapArray = rhea.types.wrap_array as (values: unknown[], code: number) => unknown

export function longArray(values: number[]): unknown {
  return wrapArray(values, CODE.long)
}

export function timestampArray(values: number[]): unknown {
  return wrapArray(values, CODE.timestamp)
}

export function uuid(bytes: Buffer): unknown {
  return rhea.types.wrap_uuid(bytes)
}

export function int(value: number): unknown {
  return rhea.types.wrap_int(value)
}

export function timestamp(ms: number): unknown {
  return rhea.types.wrap_timestamp(ms)
}

export function binary(bytes: Buffer): unknown {
  return rhea.types.wrap_binary(bytes)
}
