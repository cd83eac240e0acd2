/** Runs one command of a build with a proxy to the package registry: build.mjs COMMAND ARGUMENT… */
import { spawn } from 'node:child_process'
import { startRelay } from './relay.mjs'

await startRelay(true)
const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(127)
})
child.on('close', (code) => process.exit(code ?? 1))
