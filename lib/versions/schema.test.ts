import { describe, expect, it } from 'vitest'
import { nextSemanticVersion } from './schema'

describe('the number of the next version', () => {
  it.each([
    [null, 'major', [1, 0, 0]],
    [null, 'minor', [0, 1, 0]],
    [null, 'revision', [0, 0, 1]],
    [[1, 2, 3], 'major', [2, 0, 0]],
    [[1, 2, 3], 'minor', [1, 3, 0]],
    [[1, 2, 3], 'revision', [1, 2, 4]],
  ] as const)('after %j, a %s one, is %j', (last, bump, next) => {
    const toVersion = ([major, minor, revision]: readonly [number, number, number]) => ({ major, minor, revision })
    expect(nextSemanticVersion(last && toVersion(last), bump)).toEqual(toVersion(next))
  })
})
