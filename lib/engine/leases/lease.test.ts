import { describe, expect, it } from 'vitest'
import { Lease } from './lease'

const MARK = { flowId: 'flow', engineId: 'engine', fence: 1 }
const never = new AbortController().signal

/** What has happened to a turn that was asked for. */
function ask(lease: Lease, signal = never) {
  const asked = { turn: lease.begin(signal), isGiven: false }
  asked.turn.then(
    () => (asked.isGiven = true),
    () => {},
  )
  return asked
}

const soon = () => new Promise((resolve) => setImmediate(resolve))

describe('a lease', () => {
  it('lets so many runs begin at a time as the flow allows, and the next when one ends', async () => {
    const lease = new Lease(MARK, 2)
    const asked = [ask(lease), ask(lease), ask(lease)]
    await soon()
    expect(asked.map(({ isGiven }) => isGiven)).toEqual([true, true, false])
    const turn = await asked[0]?.turn
    turn?.end()
    await soon()
    expect(asked[2]?.isGiven).toBe(true)
    const fourth = ask(lease)
    lease.setLimit(3)
    await soon()
    expect(fourth.isGiven).toBe(true)
  })

  it('ends what runs when it lapses, and lets nothing begin until it is confirmed', async () => {
    const lease = new Lease(MARK, 2)
    const turn = await lease.begin(never)
    lease.lapse()
    expect([turn.signal.aborted, turn.hasLapsed]).toEqual([true, true])
    turn.end()
    const next = ask(lease)
    await soon()
    expect(next.isGiven).toBe(false)
    lease.confirm()
    expect((await next.turn).hasLapsed).toBe(false)
  })

  it('forwards the end that the caller wants, and does not call it a lapse', async () => {
    const lease = new Lease(MARK, 1)
    const caller = new AbortController()
    const turn = await lease.begin(caller.signal)
    const waiting = ask(lease, caller.signal)
    caller.abort('lock_lost')
    expect([turn.signal.aborted, turn.signal.reason, turn.hasLapsed]).toEqual([true, 'lock_lost', false])
    await expect(waiting.turn).rejects.toBe('lock_lost')
    turn.end()
    await expect(lease.begin(never)).resolves.toBeDefined()
  })
})
