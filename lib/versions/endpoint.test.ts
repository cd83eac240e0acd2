import { describe, expect, it } from 'vitest'
import { parseEndpoint, parseVersionSelector } from './endpoint'

const SHA = '0123456789abcdef0123456789abcdef01234567'

describe('an endpoint', () => {
  it.each([
    ['ezra/testAzureSB', { kind: 'newest-public' }],
    ['algo://ezra/testAzureSB', { kind: 'newest-public' }],
    ['/ezra/testAzureSB/', { kind: 'newest-public' }],
    ['ezra/testAzureSB/latest', { kind: 'newest-public' }],
    ['ezra/testAzureSB/latestPrivate', { kind: 'newest-private' }],
    ['ezra/testAzureSB/0.1.0', { kind: 'exact', major: 0, minor: 1, revision: 0 }],
    ['ezra/testAzureSB/0.1', { kind: 'range', major: 0, minor: 1 }],
    ['ezra/testAzureSB/0.1.*', { kind: 'range', major: 0, minor: 1 }],
    ['ezra/testAzureSB/0.1.x', { kind: 'range', major: 0, minor: 1 }],
    ['ezra/testAzureSB/2.*', { kind: 'range', major: 2, minor: null }],
    [`ezra/testAzureSB/${SHA}`, { kind: 'commit', sha: SHA }],
  ])('%s names owner, name and version', (text, selector) => {
    expect(parseEndpoint(text)).toEqual({ owner: 'ezra', name: 'testAzureSB', selector })
  })

  it.each(['', 'ezra', 'ezra/', '/ezra', 'ezra/a/b/c', 'ezra/a/1', 'ezra/a/v1.0.0', 'ezra/a/1.2.3.4', 'ezra/a/1.x.2'])(
    'refuses %j',
    (text) => {
      expect(parseEndpoint(text)).toBeNull()
    },
  )

  it('takes no version for the newest public one', () => {
    expect(parseVersionSelector(null)).toEqual({ kind: 'newest-public' })
    expect(parseVersionSelector('')).toEqual({ kind: 'newest-public' })
  })
})
