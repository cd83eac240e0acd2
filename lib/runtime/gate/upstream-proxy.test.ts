import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectEgress } from './egress'
import { isBehindProxy, parseProxy } from './upstream-proxy'

let proxy: Server
let asked: string[]
let status: number

beforeEach(async () => {
  asked = []
  status = 200
  const echo = createServer((_, response) => response.end('reached')).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = createServer()
  proxy.on('connect', (request, client) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`)
    client.write(`HTTP/1.1 ${status} as you wish\r\nVia: me\r\n\r\n`)
    if (status !== 200) return client.end()
    const upstream = connect((echo.address() as AddressInfo).port, '127.0.0.1')
    client.pipe(upstream).pipe(client)
  })
  proxy.on('close', () => echo.close())
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
})
afterEach(() => new Promise((resolve) => proxy.close(resolve)))

const rules = () => ({
  isPublicAllowed: false,
  listed: new Set(['index.example:443']),
  proxy: parseProxy(`http://me:w%40rd@127.0.0.1:${(proxy.address() as AddressInfo).port}`),
})

describe('a build behind a proxy', () => {
  it.each([
    ['index.example', true],
    ['index.corp.example', false],
    ['corp.example', false],
    ['notcorp.example', true],
    ['10.1.2.3', false],
  ])('knows what is reached without it: %s is behind it: %s', (host, expected) => {
    const behind = parseProxy('http://proxy.example', '.corp.example, 10.1.2.3:443')
    expect(behind && isBehindProxy(behind, host)).toBe(expected)
    const all = parseProxy('http://proxy.example', '*')
    expect(all && isBehindProxy(all, host)).toBe(false)
  })

  it('reaches the listed index by way of it', async () => {
    const socket = await connectEgress({ host: 'index.example', port: 443 }, rules())
    socket.end('GET / HTTP/1.0\r\n\r\n')
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(answer).toMatch(/reached$/)
    expect(asked).toEqual([`index.example:443 Basic ${Buffer.from('me:w@rd').toString('base64')}`])
  })

  it('says what the proxy said', async () => {
    status = 407
    const connecting = connectEgress({ host: 'index.example', port: 443 }, rules())
    await expect(connecting).rejects.toThrow(/the proxy 127.0.0.1:\d+ answered with status 407/)
  })

  it('reaches nothing else', async () => {
    const connecting = connectEgress({ host: 'other.example', port: 443 }, rules())
    await expect(connecting).rejects.toThrow('connection to other.example:443 refused')
    expect(asked).toEqual([])
  })
})

it('only HTTP proxies are understood', () => {
  expect(parseProxy('proxy.example:3128')).toEqual({
    endpoint: { host: 'proxy.example', port: 3128 },
    except: [],
  })
  expect(parseProxy('socks5://proxy.example:1080')).toBeUndefined()
  expect(parseProxy(undefined)).toBeUndefined()
})
