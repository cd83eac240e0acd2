/**
 * What of Node leads out of this process: sockets, programs, threads and native modules. Each is replaced by one that
 * calls back before the first use of any.
 */
import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import threads from 'node:worker_threads'

export function beforeFirstUse(start) {
  let isStarted = false
  const startOnce = () => {
    if (isStarted) return
    isStarted = true
    start()
  }
  // All that connect end in the first, all that start a program without waiting for it in the second.
  precede(net.Socket.prototype, 'connect', startOnce)
  precede(childProcess.ChildProcess.prototype, 'spawn', startOnce)
  for (const name of ['spawnSync', 'execFileSync', 'execSync']) precede(childProcess, name, startOnce)
  precede(process, 'dlopen', startOnce)
  const { Worker } = threads
  threads.Worker = class extends Worker {
    constructor(...args) {
      startOnce()
      super(...args)
    }
  }
  // For those who import them by name.
  syncBuiltinESMExports()
}

function precede(object, name, first) {
  const original = object[name]
  object[name] = function (...args) {
    first()
    return original.apply(this, args)
  }
}
