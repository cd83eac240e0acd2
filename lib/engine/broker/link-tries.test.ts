import net from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { waitUntil } from '../testing/wait-until'
import { LinkTries } from './link-tries'
import type { Receiver } from './port'
import { connectServiceBus } from './service-bus'

/** Timers and clocks may differ by so much. */
const CLOCK_MS = 20

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

type Failure = { toldAt: number; nextTryAt: number }

/** A receiver of a broker that ends every connection, with what it told of its tries. */
async function receiveFromNobody() {
  const server = net.createServer((socket) => void socket.destroy())
  const failures: Failure[] = []
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  const key = 'SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=eA==;UseDevelopmentEmulator=true'
  const broker = connectServiceBus(`Endpoint=sb://127.0.0.1:${port}/;${key}`)
  const receiver: Receiver = broker.receive('orders', 1, {
    onDelivery: async () => {},
    onConnected: () => {},
    onFault: (_fault, next) => {
      const nextTryAt = next.getTime()
      // One failed try may be told twice, by the connection and by who tried.
      if (failures.at(-1)?.nextTryAt !== nextTryAt) failures.push({ toldAt: Date.now(), nextTryAt })
    },
  })
  open.push(receiver, broker, server)
  return { failures, receiver }
}

describe('a link to a broker that is away', () => {
  it('tells of each failed try when the next one is due, and tries then, less often each time', async () => {
    const { failures } = await receiveFromNobody()
    await waitUntil('five tries have failed', () => failures.length >= 5)
    const waits = failures.map(({ toldAt, nextTryAt }) => Math.round((nextTryAt - toldAt) / 1_000))
    expect(waits.slice(0, 5)).toEqual([1, 2, 4, 5, 5])
    const early = failures.slice(1).filter(({ toldAt }, index) => toldAt < (failures[index]?.nextTryAt ?? 0) - CLOCK_MS)
    expect(early).toEqual([])
  })

  it('is not tried any more once it is given up, also while it waits for its next try', async () => {
    const { failures, receiver } = await receiveFromNobody()
    await waitUntil('the third try has failed', () => failures.length >= 3)
    await receiver.stopIntake()
    const told = failures.length
    await waitUntil('the next try would have failed', () => Date.now() > (failures[2]?.nextTryAt ?? 0) + 500)
    expect(failures.length).toBe(told)
  })
})

describe('a link that fell', () => {
  afterEach(() => void vi.useRealTimers())

  /** One that stood, fell, and is being tried again; how often it was told to be stuck. */
  async function fallen() {
    vi.useFakeTimers()
    let stuck = 0
    const tries = new LinkTries({
      onDelivery: async () => {},
      onConnected: () => {},
      onFault: () => {},
      onStuck: () => (stuck += 1),
    })
    await tries.untilNext()
    tries.noteSuccess()
    await tries.untilNext()
    return { tries, stuck: () => stuck }
  }

  it('is stuck when its try hangs, or what the client does behind a fault', async () => {
    const silent = await fallen()
    vi.advanceTimersByTime(20_000)
    expect(silent.stuck()).toBe(1)
    const told = await fallen()
    told.tries.noteFault(new Error('the connection is closed'))
    vi.advanceTimersByTime(20_000)
    expect(told.stuck()).toBe(1)
    const closing = await fallen()
    closing.tries.noteSuccess()
    closing.tries.noteFault(new Error('the link is detached'))
    vi.advanceTimersByTime(20_000)
    expect(closing.stuck()).toBe(1)
  })

  it('is not stuck once it stands, whatever is told of its messages, nor once it is given up', async () => {
    const { tries, stuck } = await fallen()
    tries.noteSuccess()
    tries.noteFault(Object.assign(new Error('of one message'), { code: 'MessageLockLost' }))
    vi.advanceTimersByTime(60_000)
    await tries.untilNext()
    tries.noteFault(new Error('gone again'))
    tries.stop()
    tries.noteFault(new Error('told late'))
    vi.advanceTimersByTime(60_000)
    expect(stuck()).toBe(0)
  })
})
