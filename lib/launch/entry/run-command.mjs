import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { forceSignal, stopSignal } from './stopping.mjs'

const FOLLOW = new URL('../follow-launcher.mjs', import.meta.url).href
const KEPT_LINES = 300
const KEPT_CHARACTERS = 20_000

/**
 * Runs a command to its end and keeps the last lines that it wrote. Ends it when we are asked to stop.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, stdio?: 'inherit' | 'ipc' }} [options] `inherit` shows the output;
 *   `ipc` is for Node programs that end when we die (follow-launcher.mjs)
 * @returns {Promise<{ code: number, output: string }>} code -1: it could not be started, or was killed
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve) => {
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_CHARACTERS)
    }
    const streams = options.stdio === 'inherit' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe']
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: options.stdio === 'ipc' ? [...streams, 'ipc'] : streams,
    })
    const end = () => child.kill('SIGTERM')
    const kill = () => child.kill('SIGKILL')
    stopSignal.addEventListener('abort', end)
    forceSignal.addEventListener('abort', kill)
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    const finish = (code) => {
      stopSignal.removeEventListener('abort', end)
      forceSignal.removeEventListener('abort', kill)
      resolve({ code, output: output.trimEnd().split('\n').slice(-KEPT_LINES).join('\n') })
    }
    child.on('error', (error) => {
      keep(error.message)
      finish(-1)
    })
    child.on('close', (code) => finish(code ?? -1))
  })
}

/**
 * Runs a Node program that ends when we die, even by `kill -9`.
 * @param {string} script
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 */
export function runNode(script, args, options = {}) {
  const env = { ...(options.env ?? process.env), HEADRACE_LAUNCHER: String(process.pid) }
  return runCommand(process.execPath, ['--import', FOLLOW, script, ...args], { ...options, env, stdio: 'ipc' })
}

/** @param {string} specifier relative to this file */
export const pathOf = (specifier) => fileURLToPath(new URL(specifier, import.meta.url))
