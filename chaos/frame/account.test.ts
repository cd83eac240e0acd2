import { describe, expect, it } from 'vitest'
import { accountFor, isSound } from './account'
import { seededRandom } from './random'

describe('an account', () => {
  it('is sound when each message is in one place', () => {
    const account = accountFor({ sent: ['a', 'b', 'c'], done: ['a'], deadLettered: ['b'], queued: ['c'] })
    expect(account).toMatchObject({ sent: 3, done: 1, deadLettered: 1, queued: 1, lost: [], doubled: [] })
    expect(isSound(account)).toBe(true)
  })

  it('names what is nowhere, what is in two places, and what nobody sent', () => {
    const account = accountFor({ sent: ['a', 'b', 'c'], done: ['a', 'a', 'x'], deadLettered: ['b'], queued: ['b'] })
    expect(account.lost).toEqual(['c'])
    expect(account.doubled).toEqual(['a', 'b'])
    expect(account.complaints).toEqual(['Messages that nobody sent turned up: x.'])
    expect(isSound(account)).toBe(false)
    expect(isSound(accountFor({ sent: ['a'], done: [] }))).toBe(false)
    expect(isSound(accountFor({ sent: ['a'], done: ['a'] }, {}, ['It took too long.']))).toBe(false)
  })
})

describe('a seed', () => {
  it('chooses the same again, and otherwise for another scenario or seed', () => {
    const choose = (seed: number, name: string) => {
      const random = seededRandom(seed, name)
      return [random.integer(1, 1000), random.pick(['a', 'b', 'c']), ...random.moments(3)]
    }
    expect(choose(7, 'broker')).toEqual(choose(7, 'broker'))
    expect(choose(7, 'broker')).not.toEqual(choose(8, 'broker'))
    expect(choose(7, 'broker')).not.toEqual(choose(7, 'engine-kill'))
  })

  it('puts moments in order, away from both ends', () => {
    for (let seed = 0; seed < 200; seed++) {
      const moments = seededRandom(seed, 'x').moments(5, 0.2)
      expect(moments).toEqual([...moments].sort((a, b) => a - b))
      expect(moments.every((moment) => moment >= 0.2 && moment <= 0.8)).toBe(true)
    }
  })
})
