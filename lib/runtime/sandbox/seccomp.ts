import { NEWEST_CALL, SYSCALL_TABLES, type SyscallTable } from './syscalls'

type Instruction = [code: number, value: number, ifTrue?: number, ifFalse?: number]

// Classic BPF, <linux/filter.h>: load a word of struct seccomp_data, compare, return.
const LOAD = 0x20
const IF_EQUAL = 0x15
const IF_AT_LEAST = 0x35
const IF_ANY_BIT = 0x45
const RETURN = 0x06
const INSTRUCTION_BYTES = 8

// Offsets in struct seccomp_data. Arguments are 64 bits wide; the low word is first on both processors.
const NUMBER = 0
const ARCHITECTURE = 4
const FIRST_ARGUMENT = 16
const SECOND_ARGUMENT = 24

const ALLOW = 0x7fff0000
const KILL = 0x80000000
const errno = (code: number) => 0x50000 | code
const EPERM = errno(1)
const ENOSYS = errno(38)
const EAFNOSUPPORT = errno(97)

/** The x32 call numbers of x86-64 would go past the list. */
const X32_BIT = 0x40000000
/** Every CLONE_NEW* flag that clone(2) takes. */
const NEW_NAMESPACE_FLAGS = 0x7e020000
/** Both put characters into a terminal's input. */
const TERMINAL_INPUT_REQUESTS = [0x5412, 0x541c] // TIOCSTI, TIOCLINUX
/** unix, IPv4, IPv6, netlink: a network namespace holds these; AF_VSOCK, for one, goes past it. */
const ADDRESS_FAMILIES = [1, 2, 10, 16]

/** Made once: every start needs one. */
const programs = new Map<string, Buffer>()

/**
 * The filter that bubblewrap loads with `--seccomp`: a list of refused calls.
 * @param denyHiddenMemory also refuse memory that belongs to no process, for where no cgroup counts it
 * @returns undefined for a processor without a table
 */
export function seccompProgram(denyHiddenMemory: boolean, processor: string = process.arch): Buffer | undefined {
  const table = SYSCALL_TABLES[processor]
  if (!table) return undefined
  const key = `${processor} ${denyHiddenMemory}`
  const program = programs.get(key) ?? makeProgram(table, denyHiddenMemory)
  programs.set(key, program)
  return program
}

function makeProgram(table: SyscallTable, denyHiddenMemory: boolean): Buffer {
  return assemble([...checkArchitecture(table), ...refuseListed(table, denyHiddenMemory), ...checkArguments(table)])
}

function checkArchitecture(table: SyscallTable): Instruction[] {
  return [
    [LOAD, ARCHITECTURE],
    [IF_EQUAL, table.auditArch, 1, 0],
    [RETURN, KILL],
    [LOAD, NUMBER],
    [IF_AT_LEAST, X32_BIT, 0, 1],
    [RETURN, EPERM],
    // As an older kernel answers: programs do without.
    [IF_AT_LEAST, NEWEST_CALL + 1, 0, 1],
    [RETURN, ENOSYS],
  ]
}

function refuseListed(table: SyscallTable, denyHiddenMemory: boolean): Instruction[] {
  const denied = [...Object.values(table.denied), ...(denyHiddenMemory ? Object.values(table.hiddenMemory) : [])]
  return denied.flatMap((number): Instruction[] => [
    [IF_EQUAL, number, 0, 1],
    [RETURN, EPERM],
  ])
}

function checkArguments(table: SyscallTable): Instruction[] {
  return [
    // clone3 hides its flags behind a pointer; the C library falls back to clone.
    [IF_EQUAL, table.clone3, 0, 1],
    [RETURN, ENOSYS],
    ...whenCalled(table.clone, [
      [LOAD, FIRST_ARGUMENT],
      [IF_ANY_BIT, NEW_NAMESPACE_FLAGS, 0, 1],
      [RETURN, EPERM],
      [RETURN, ALLOW],
    ]),
    ...whenCalled(table.ioctl, [
      [LOAD, SECOND_ARGUMENT],
      ...TERMINAL_INPUT_REQUESTS.flatMap((request): Instruction[] => [
        [IF_EQUAL, request, 0, 1],
        [RETURN, EPERM],
      ]),
      [RETURN, ALLOW],
    ]),
    ...whenCalled(table.socket, [
      [LOAD, FIRST_ARGUMENT],
      ...ADDRESS_FAMILIES.flatMap((family): Instruction[] => [
        [IF_EQUAL, family, 0, 1],
        [RETURN, ALLOW],
      ]),
      [RETURN, EAFNOSUPPORT],
    ]),
    [RETURN, ALLOW],
  ]
}

function whenCalled(number: number, instructions: Instruction[]): Instruction[] {
  return [[IF_EQUAL, number, 0, instructions.length], ...instructions]
}

function assemble(instructions: Instruction[]): Buffer {
  const program = Buffer.alloc(instructions.length * INSTRUCTION_BYTES)
  instructions.forEach(([code, value, ifTrue = 0, ifFalse = 0], index) => {
    const at = index * INSTRUCTION_BYTES
    program.writeUInt16LE(code, at)
    program.writeUInt8(ifTrue, at + 2)
    program.writeUInt8(ifFalse, at + 3)
    program.writeUInt32LE(value >>> 0, at + 4)
  })
  return program
}
