import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_INPUT_BYTES } from '../limits'
import { startProcess } from '../processes/spawn'
import { PATIENCE } from '../testing/test-runtime'
import { RequestWriter } from './request-writer'

let child: ChildProcess
let stdin: Writable
let writer: RequestWriter

function start(command: string, ...args: string[]): void {
  child = startProcess({ command, args, env: { PATH: '/usr/bin:/bin' }, stdio: ['pipe', 'pipe', 'inherit'] })
  stdin = child.stdin as Writable
  stdin.on('error', () => undefined)
  writer = new RequestWriter(stdin)
}

afterEach(async () => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
})

describe('a request', () => {
  it('arrives in its order and whole, however large it is and what comes behind it', async () => {
    start('cat')
    const large = Buffer.alloc(MAX_INPUT_BYTES, 'large ')
    const parts = [Buffer.from('a'), large, Buffer.from('b'), Buffer.from('c'), large, Buffer.from('d')]
    writer.write([parts[0] as Buffer])
    writer.write([parts[1] as Buffer, parts[2] as Buffer])
    await nextTurn()
    for (const part of parts.slice(3)) {
      writer.write([part])
      await nextTurn()
    }
    expect(Buffer.compare(await readBytes(totalOf(parts)), Buffer.concat(parts))).toBe(0)
    // Nothing waits any more: the next one goes by the descriptor again.
    writer.write([Buffer.from('end')])
    expect((await readBytes(3)).toString()).toBe('end')
  })

  it('goes out at once when there is room, and with others of its turn', async () => {
    start('cat')
    child.kill('SIGSTOP')
    writer.write([Buffer.from('one ')])
    writer.write([Buffer.from('two')])
    await nextTurn()
    // All of it past the stream.
    expect([stdin.writableLength, (stdin as Socket).bytesWritten]).toEqual([0, 0])
    child.kill('SIGCONT')
    expect((await readBytes(7)).toString()).toBe('one two')
  })

  it('holds nobody up while the process does not read', async () => {
    start('sleep', '60')
    writer.write([Buffer.alloc(MAX_INPUT_BYTES)])
    await nextTurn()
    expect(stdin.writableLength).toBeGreaterThan(MAX_INPUT_BYTES / 2)
    writer.write([Buffer.from('behind')])
    await nextTurn()
    expect(stdin.writableLength).toBeGreaterThan(MAX_INPUT_BYTES / 2)
  })

  it('is dropped without a word when the process is killed in the middle of it, and so are those behind', async () => {
    start('sleep', '60')
    writer.write([Buffer.alloc(MAX_INPUT_BYTES)])
    await nextTurn()
    child.kill('SIGKILL')
    writer.write([Buffer.from('behind')])
    await once(child, 'exit')
    await expect.poll(() => stdin.destroyed, PATIENCE).toBe(true)
    writer.write([Buffer.from('too late')])
    await nextTurn()
  })

  it('never goes to what has the number of a closed descriptor by now', async () => {
    start('sleep', '60')
    const number = (stdin as Writable & { _handle: { fd: number } })._handle.fd
    const folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-writer-'))
    stdin.destroy()
    await once(stdin, 'close')
    const others: number[] = []
    while (!others.includes(number)) others.push(openSync(path.join(folder, String(others.length)), 'w'))
    writer.write([Buffer.from('too late')])
    await nextTurn()
    expect(fstatSync(number).size).toBe(0)
    for (const other of others) closeSync(other)
    await rm(folder, { recursive: true })
  })
})

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function totalOf(parts: Buffer[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}

async function readBytes(bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  const stdout = child.stdout as Readable
  let missing = bytes
  while (missing > 0) {
    const chunk: Buffer | null = stdout.read()
    if (chunk === null) await once(stdout, 'readable')
    else {
      chunks.push(chunk)
      missing -= chunk.length
    }
  }
  return Buffer.concat(chunks)
}
