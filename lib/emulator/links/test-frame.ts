/** An AMQP frame around a body, as it goes over the wire; `type` 1 is a frame of SASL. */
export function frame(body: Uint8Array, { type = 0, channel = 0 } = {}): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length, 0)
  head[4] = 2
  head[5] = type
  head.writeUInt16BE(channel, 6)
  return Buffer.concat([head, body])
}

/** A described list with encoded fields. */
export function performative(code: number, ...fields: Uint8Array[]): Buffer {
  const items = Buffer.concat(fields)
  const head = Buffer.from([0, 0x53, code, 0xd0, 0, 0, 0, 0, 0, 0, 0, fields.length])
  head.writeUInt32BE(items.length + 4, 4)
  return Buffer.concat([head, items])
}

export const FIELD = {
  none: Buffer.from([0x40]),
  yes: Buffer.from([0x41]),
  no: Buffer.from([0x42]),
  uint(value: number): Buffer {
    const bytes = Buffer.from([0x70, 0, 0, 0, 0])
    bytes.writeUInt32BE(value, 1)
    return bytes
  },
  text: (value: string) => Buffer.concat([Buffer.from([0xa1, value.length]), Buffer.from(value)]),
  binary: (value: string) => Buffer.concat([Buffer.from([0xa0, value.length]), Buffer.from(value)]),
  /** An array that announces as many nulls, which have no bytes. */
  nulls(count: number): Buffer {
    const bytes = Buffer.from([0xf0, 0, 0, 0, 5, 0, 0, 0, 0, 0x40])
    bytes.writeUInt32BE(count, 5)
    return bytes
  },
}
