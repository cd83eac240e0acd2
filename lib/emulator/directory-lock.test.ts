import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimBySocket } from './directory-socket'
import { killAll, run } from './test-command-line'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-broker-lock-'))
})

afterEach(() => {
  killAll()
  rmSync(directory, { recursive: true, force: true })
})

/** As on a file system that has no sockets: the system refuses to make one. */
const WITHOUT_SOCKETS = {
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(`
    import net from 'node:net'
    const listen = net.Server.prototype.listen
    net.Server.prototype.listen = function (where, ...rest) {
      if (typeof where !== 'string') return listen.call(this, where, ...rest)
      process.nextTick(() => this.emit('error', Object.assign(new Error('no sockets here'), { code: 'EPERM' })))
      return this
    }`)}`,
}

function start(data: string, env = {}) {
  return run(['--data', data, '--port', '0'], { env })
}

async function stop({ child, ended }: ReturnType<typeof run>, signal: NodeJS.Signals) {
  child.kill(signal)
  return await ended
}

describe('a broker’s data directory', () => {
  it.each([
    ['where there are sockets', {}],
    ['where there are none', WITHOUT_SOCKETS],
  ])('is used by one broker only, until that ends or is killed, %s', async (_, env) => {
    const first = start(directory, env)
    await first.ready
    const second = await start(directory, env).ended
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${first.child.pid}`) })
    await stop(first, 'SIGKILL')
    const third = start(directory, env)
    await third.ready
    expect(await stop(third, 'SIGTERM')).toMatchObject({ code: 0 })
    expect(readdirSync(directory).sort()).toEqual(['journal', 'keys.json'])
  })

  it.each([
    ['', 'data'],
    [' and under a path that is longer than the address of a socket', join('a'.repeat(100), 'b'.repeat(100))],
  ])('keeps those out to whom its process number means nothing, as in another container%s', async (_, name) => {
    const data = join(directory, name)
    const first = start(data)
    await first.ready
    // What a broker in another container sees of the first.
    writeFileSync(join(data, 'broker.lock'), JSON.stringify({ pid: 2 ** 22 + 1, startTicks: '1' }))
    const second = await start(data).ended
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/^broker: .* is used by .*--data\.\n$/) })
    await stop(first, 'SIGKILL')
    const third = start(data)
    await third.ready
    expect(await stop(third, 'SIGTERM')).toMatchObject({ code: 0 })
  })

  it('goes to exactly one of those who start at the same moment, after one that was killed', async () => {
    const killed = start(directory)
    await killed.ready
    await stop(killed, 'SIGKILL')
    const brokers = Array.from({ length: 4 }, () => start(directory))
    const outcomes = await Promise.allSettled(brokers.map(({ ready }) => ready))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const losers = brokers.filter((_, index) => outcomes[index]?.status === 'rejected')
    for (const loser of losers) {
      expect(await loser.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/is used by a broker/) })
    }
  })

  // Processes are seldom as close to each other as that.
  it.each([1, 2, 3])('goes to exactly one of four whose claims are interleaved, round %i', async () => {
    writeFileSync(join(directory, 'broker.0000000000000000.socket'), '')
    const claims = await Promise.all(Array.from({ length: 4 }, () => claimBySocket(directory)))
    expect(claims.filter((isClaimed) => isClaimed)).toHaveLength(1)
    expect(readdirSync(directory)).toHaveLength(1)
    expect(await claimBySocket(directory)).toBe(false)
  })

  it('is not kept from anyone by a file with the name of a socket', async () => {
    mkdirSync(join(directory, 'data'))
    writeFileSync(join(directory, 'data', 'broker.0123456789abcdef.socket'), '')
    const broker = start(join(directory, 'data'))
    await broker.ready
    expect(await stop(broker, 'SIGTERM')).toMatchObject({ code: 0 })
  })
})
