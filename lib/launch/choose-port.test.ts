import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { choosePort } from './choose-port'
import { freePort } from './ports'

let folder: string
let file: string
let servers: net.Server[]

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-ports-'))
  file = path.join(folder, 'ports.json')
  servers = []
})

afterEach(async () => {
  for (const server of servers) await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

function take(port: number): Promise<void> {
  const server = net.createServer()
  servers.push(server)
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
}

describe('choosing a port', () => {
  it('keeps the port that was asked for', async () => {
    const port = await freePort()
    expect(await choosePort(file, 'web', port)).toBe(port)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ web: port })
    expect(await choosePort(file, 'web')).toBe(port)
  })

  it('says what to type when the port of the last start is taken', async () => {
    const port = await freePort()
    await choosePort(file, 'broker', port)
    await take(port)
    await expect(choosePort(file, 'broker')).rejects.toMatchObject({
      what: `Port ${port}, for the broker, is taken.`,
      why: expect.stringContaining('at the last start'),
      next: expect.stringMatching(/npm run up -- --broker-port \d+.*must then be edited/),
    })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ broker: port })
  })

  it('says so when the port asked for is taken, rather than take another', async () => {
    const port = await freePort()
    await take(port)
    await expect(choosePort(file, 'web', port)).rejects.toMatchObject({
      what: `Port ${port}, for the console, is taken.`,
    })
  })

  it('passes over taken ports when none was asked for', async () => {
    const first = await choosePort(file, 'web')
    await take(first)
    const other = path.join(folder, 'other.json')
    expect(await choosePort(other, 'web')).toBeGreaterThan(first)
  })

  it('never gives both the same port', async () => {
    const web = await choosePort(file, 'web', 5672 + 50)
    expect(await choosePort(file, 'broker')).not.toBe(web)
  })
})
