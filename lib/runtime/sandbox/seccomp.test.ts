import { describe, expect, it } from 'vitest'
import { seccompProgram } from './seccomp'
import { NEWEST_CALL, SYSCALL_TABLES } from './syscalls'

const ALLOW = 0x7fff0000
const EPERM = 0x50001
const ENOSYS = 0x50026
const KILL = 0x80000000
const AF_NOT_SUPPORTED = 0x50061

describe.each(['x64', 'arm64'])('the filter for %s', (processor) => {
  const table = SYSCALL_TABLES[processor]
  if (!table) throw new Error('there is no table')
  const filter = (hidden = true) => seccompProgram(hidden, processor) as Buffer

  it.each(Object.entries(table.denied))('refuses %s', (_, number) => {
    expect(run(filter(), table.auditArch, number)).toBe(EPERM)
  })

  it('refuses memory without an owner only where nothing counts it', () => {
    for (const number of Object.values(table.hiddenMemory)) {
      expect(run(filter(true), table.auditArch, number)).toBe(EPERM)
      expect(run(filter(false), table.auditArch, number)).toBe(ALLOW)
    }
  })

  it('allows the everyday calls, and looks at arguments where they matter', () => {
    expect(run(filter(), table.auditArch, processor === 'x64' ? 0 : 63)).toBe(ALLOW) // read
    expect(run(filter(), table.auditArch, table.clone, [0x01200011])).toBe(ALLOW) // fork
    expect(run(filter(), table.auditArch, table.clone, [0x10000011])).toBe(EPERM) // CLONE_NEWUSER
    expect(run(filter(), table.auditArch, table.clone3)).toBe(ENOSYS)
    expect(run(filter(), table.auditArch, table.ioctl, [0, 0x5401])).toBe(ALLOW) // TCGETS
    expect(run(filter(), table.auditArch, table.ioctl, [0, 0x5412])).toBe(EPERM) // TIOCSTI
    expect([1, 2, 10, 16].map((family) => run(filter(), table.auditArch, table.socket, [family]))).toEqual(
      Array(4).fill(ALLOW),
    )
    expect([17, 38, 40].map((family) => run(filter(), table.auditArch, table.socket, [family]))).toEqual(
      Array(3).fill(AF_NOT_SUPPORTED),
    )
  })

  it('does not know calls that are newer than its tables', () => {
    expect(run(filter(), table.auditArch, NEWEST_CALL)).toBe(ALLOW)
    expect(run(filter(), table.auditArch, NEWEST_CALL + 1)).toBe(ENOSYS)
  })

  it('kills a program that calls by another processor’s numbers', () => {
    expect(run(filter(), 0x40000003, 1)).toBe(KILL)
    expect(run(filter(), table.auditArch, 0x40000000)).toBe(EPERM)
  })
})

it('is not there for a processor without a table', () => {
  expect(seccompProgram(true, 'mips')).toBeUndefined()
})

/** Runs a classic BPF program over one call, as the kernel would. */
function run(program: Buffer, arch: number, number: number, args: number[] = []): number {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number, 0)
  data.writeUInt32LE(arch, 4)
  args.forEach((value, index) => {
    data.writeUInt32LE(value >>> 0, 16 + 8 * index)
  })
  let accumulator = 0
  for (let at = 0; at < program.length / 8; at++) {
    const [code, ifTrue, ifFalse] = [program.readUInt16LE(at * 8), program[at * 8 + 2], program[at * 8 + 3]]
    const value = program.readUInt32LE(at * 8 + 4)
    const jump = (matches: boolean) => {
      at += (matches ? ifTrue : ifFalse) as number
    }
    if (code === 0x20) accumulator = data.readUInt32LE(value)
    else if (code === 0x15) jump(accumulator === value)
    else if (code === 0x35) jump(accumulator >= value)
    else if (code === 0x45) jump((accumulator & value) !== 0)
    else if (code === 0x06) return value
    else throw new Error(`unknown instruction ${code}`)
  }
  throw new Error('the program has no end')
}
