import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quotaOf } from './quota'

describe('the share of an engine', () => {
  it.each([
    [['a'], 5, [5]],
    [['a', 'b'], 5, [3, 2]],
    [['c', 'a', 'b'], 4, [1, 2, 1]],
    [['a', 'b', 'c'], 1, [1, 0, 0]],
    [['a', 'b'], 0, [0, 0]],
  ])('among %j of %i flows', (engines, flowCount, shares) => {
    expect(engines.map((engine) => quotaOf(engine, engines, flowCount))).toEqual(shares)
  })

  it('is nothing for one that is not counted', () => {
    expect(quotaOf('x', ['a', 'b'], 10)).toBe(0)
  })

  it('differs by one at most, and all shares together are all flows', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 9 }), fc.nat(2_000), (engines, flowCount) => {
        const shares = engines.map((engine) => quotaOf(engine, engines, flowCount))
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(flowCount)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
      }),
    )
  })
})
