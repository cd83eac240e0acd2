import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'

const FIRST_OWN = 3
const CLOSE_ON_EXEC = 0o2000000
/** `isolate-0x…-PID-v8.log`, `perf-PID.map`, `jit-PID.dump`: what V8 is told to write for profilers. */
const LOG_OF_V8 = new RegExp(`^(isolate|perf|jit)-.*\\b${process.pid}\\b`)

/**
 * Closes the descriptors that this process was started with and that each program which it starts would get too: workers
 * are to have nothing of the server's. Node hands on none that it opens itself, and of inherited ones only those behind the
 * first gap above 15 (libuv: `uv_disable_stdio_inheritance`). V8 hands on its logs and would go on writing to their numbers,
 * whatever has them next: they stay open. Does nothing where there is no Linux `/proc`.
 */
export function closeInheritedDescriptors(): void {
  for (const descriptor of openDescriptors()) {
    if (descriptor >= FIRST_OWN && isHandedOn(descriptor)) closeSync(descriptor)
  }
}

function openDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number)
  } catch {
    return []
  }
}

function isHandedOn(descriptor: number): boolean {
  try {
    const [, flags = ''] = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? []
    if (flags === '' || Number.parseInt(flags, 8) & CLOSE_ON_EXEC) return false
    return !LOG_OF_V8.test(path.basename(readlinkSync(`/proc/self/fd/${descriptor}`)))
  } catch {
    return false // it was that of the list itself
  }
}
