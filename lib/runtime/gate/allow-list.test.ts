import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explainEntry, isAddressListed, isHostListed, parseAllowList } from './allow-list'
import { connectEgress } from './egress'

describe('an allow-list', () => {
  const list = parseAllowList([
    'DB.example.com',
    '*.corp.example:443',
    '10.1.2.3:5432',
    '192.168.0.0/16',
    'fd00::/8',
    '[fe80::1]:80',
  ])

  it.each([
    ['db.example.com', 1, true],
    ['x.db.example.com', 1, false],
    ['a.b.corp.example', 443, true],
    ['a.corp.example', 444, false],
    ['corp.example', 443, false],
    ['evilcorp.example', 443, false],
  ])('knows hosts: %s:%i is %s', (host, port, expected) => {
    expect(isHostListed(list, { host, port })).toBe(expected)
  })

  it.each([
    ['10.1.2.3', 5432, true],
    ['10.1.2.3', 5433, false],
    ['10.1.2.4', 5432, false],
    ['192.168.77.1', 9, true],
    ['192.169.0.1', 9, false],
    ['fd12::1', 9, true],
    ['fe80::1', 80, true],
    ['fe80::1', 81, false],
    ['::ffff:192.168.0.1', 9, false],
    ['127.0.0.1', 9, false],
  ])('knows networks: %s:%i is %s', (address, port, expected) => {
    expect(isAddressListed(list, address, port)).toBe(expected)
  })

  it.each([
    'http://a',
    'a b',
    '10.0.0.0/33',
    '10.0.0/8',
    'a:70000',
    'a:0',
    'a/8',
    '10.0.0.0/8/9',
    '*',
    '',
    '[::1',
    'fd00::/129',
  ])('does not take %s for an entry', (entry) => {
    expect(explainEntry(entry)).toContain('is neither a host')
    expect(parseAllowList([entry])).toEqual({ hosts: [], networks: [] })
  })
})

describe('with an allow-list', () => {
  let server: Server
  let port: number

  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => socket.destroy()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as { port: number }).port
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  const connect = async (entries: string[], host = '127.0.0.1', isPublicAllowed = true) => {
    const rules = { isPublicAllowed, listed: new Set<string>(), allowList: parseAllowList(entries) }
    const socket = await connectEgress({ host, port }, rules)
    socket.destroy()
    return 'reached'
  }

  it('private addresses are reached by address, network and name; else they are refused after resolution', async () => {
    expect(await connect([`127.0.0.1:${port}`])).toBe('reached')
    expect(await connect(['127.0.0.0/8'])).toBe('reached')
    expect(await connect(['localhost'], 'localhost')).toBe('reached')
    expect(await connect(['127.0.0.0/8'], 'localhost')).toBe('reached')
    await expect(connect([], 'localhost')).rejects.toThrow('private or local address')
    await expect(connect([`127.0.0.1:${port + 1}`])).rejects.toThrow('private or local address')
    await expect(connect(['other.example'], 'localhost')).rejects.toThrow('private or local address')
  })

  it('an algorithm without internet access stays without: its plan has no list', async () => {
    await expect(connect([], '127.0.0.1', false)).rejects.toThrow('no internet access')
  })
})
