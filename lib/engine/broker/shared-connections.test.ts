import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Broker, ReceiverListener } from './port'
import { shareConnections } from './shared-connections'

afterEach(() => {
  vi.useRealTimers()
})

/** Brokers that only tell what is asked of them. */
function connections() {
  const made: { listener?: ReceiverListener; isClosed: boolean }[] = []
  const connect = shareConnections(() => {
    const one: (typeof made)[number] = { isClosed: false }
    made.push(one)
    return {
      receive: (_queue: string, _slots: number, listener: ReceiverListener) => {
        one.listener = listener
      },
      close: async () => {
        one.isClosed = true
      },
    } as unknown as Broker
  })
  return { made, connect }
}

const listener = { onFault: () => {}, onConnected: () => {}, onDelivery: async () => {} }

describe('flows of one connection string', () => {
  it('share connections when they start together, twenty each', () => {
    const { made, connect } = connections()
    for (let index = 0; index < 41; index++) connect('Endpoint=a')
    connect('Endpoint=b')
    expect(made).toHaveLength(4)
  })

  it('close the connection with the last of them, however often each closes', async () => {
    const { made, connect } = connections()
    const [one, other] = [connect('Endpoint=a'), connect('Endpoint=a')]
    await one.close()
    await one.close()
    expect(made[0]?.isClosed).toBe(false)
    await other.close()
    expect(made[0]?.isClosed).toBe(true)
    connect('Endpoint=a')
    expect(made).toHaveLength(2)
  })

  it('get a fresh one after a fault, and when they come later', () => {
    vi.useFakeTimers()
    const { made, connect } = connections()
    connect('Endpoint=a').receive('queue', 1, listener)
    made[0]?.listener?.onFault({ kind: 'no_answer', detail: 'gone' }, new Date())
    connect('Endpoint=a')
    expect(made).toHaveLength(2)
    vi.advanceTimersByTime(20_001)
    connect('Endpoint=a')
    expect(made).toHaveLength(3)
  })
})
