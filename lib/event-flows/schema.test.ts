import { describe, expect, it } from 'vitest'
import {
  ConnectBroker,
  FlowListView,
  QueueName,
  SendTestMessage,
  splitAlgorithmEndpoint,
  TimeoutSeconds,
} from './schema'

describe('a queue name', () => {
  it.each(['orders', 'test-azure-sb-queue', 'a', 'a.b_c-d/e1', 'Q9', 'x'.repeat(260)])('may be %s', (name) => {
    expect(QueueName.parse(name)).toBe(name)
  })
  it.each([
    ['', 'Enter the name'],
    ['-orders', 'begins and ends with a letter or a digit'],
    ['orders/', 'begins and ends with a letter or a digit'],
    ['my queue', 'letters, digits, dots'],
    ['a//b', 'no two slashes'],
    ['x'.repeat(261), 'at most 260'],
  ])('may not be %j', (name, reason) => {
    expect(QueueName.safeParse(name).error?.issues[0]?.message).toContain(reason)
  })
})

describe('an algorithm endpoint', () => {
  it.each([
    ['ezra/testAzureSB', { owner: 'ezra', name: 'testAzureSB', versionSelector: null }],
    [' algo://ezra/testAzureSB/0.1.0 ', { owner: 'ezra', name: 'testAzureSB', versionSelector: '0.1.0' }],
    ['ezra/a/latestPrivate', { owner: 'ezra', name: 'a', versionSelector: 'latestPrivate' }],
    ['/ezra/a/1.*/', { owner: 'ezra', name: 'a', versionSelector: '1.*' }],
  ])('is read from %j', (text, parts) => {
    expect(splitAlgorithmEndpoint(text)).toEqual(parts)
  })
  it.each(['', 'ezra', 'ezra/', '/a', 'ezra/a/b/c', 'https://host/ezra/a', '1ezra/a'])('is not %j', (text) => {
    expect(splitAlgorithmEndpoint(text)).toBeUndefined()
  })
})

describe('a timeout', () => {
  it.each([
    ['', 420],
    [undefined, 420],
    ['60', 60],
    [3000, 3000],
  ])('typed as %j means %i seconds', (typed, seconds) => {
    expect(TimeoutSeconds.parse(typed)).toBe(seconds)
  })
  it.each([
    ['0', 'shortest'],
    ['3001', 'longest timeout is 3000'],
    ['1.5', 'whole'],
    ['soon', 'leave this blank for 420'],
  ])('is not %j', (typed, reason) => {
    expect(TimeoutSeconds.safeParse(typed).error?.issues[0]?.message).toContain(reason)
  })
})

it('says at each field of the Connect form what is missing', () => {
  const result = ConnectBroker.safeParse({ queueName: '', connectionString: ' ', algorithm: '' })
  const fields = new Set(result.error?.issues.map(({ path }) => path.join('.')))
  expect([...fields].sort()).toEqual(['algorithm', 'connectionString', 'queueName'])
})

it('takes any text as a test message, but as JSON only JSON', () => {
  const id = '018f3a5e-0000-7000-8000-000000000000'
  expect(SendTestMessage.safeParse({ id, body: '{', contentType: 'text/plain' }).success).toBe(true)
  expect(SendTestMessage.safeParse({ id, body: '{' }).error?.issues[0]).toMatchObject({ path: ['body'] })
})

it('reads a list’s URL, and falls back to the defaults for nonsense', () => {
  expect(FlowListView.parse({ q: ' ord ', sort: 'state', order: 'desc', page: '3' })).toEqual({
    q: 'ord',
    sort: 'state',
    order: 'desc',
    page: 3,
  })
  expect(FlowListView.parse({ q: ['a', 'b'], sort: 'x', order: '', page: '-1' })).toEqual({
    q: '',
    sort: 'uri',
    order: 'asc',
    page: 1,
  })
})
