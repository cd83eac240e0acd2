import path from 'node:path'
import { parseArgs } from 'node:util'
import { LaunchError } from './launch-error.mjs'
import { ROOT } from './root.mjs'

export const USAGE = `Starts Headrace: database, broker and console, all on this machine.

  npm run up                         start; the first start installs and builds, and makes demo data
  npm run up -- --empty              make no demo data at the first start
  npm run up -- --port 3100          the console's port (kept for later starts; 3000 when it is free)
  npm run up -- --broker-port 5700   the broker's port (kept for later starts; 5672 when it is free)
  npm run up -- --data /srv/headrace where everything is kept (default: .data)
  npm run up -- --help               this text

Ctrl-C stops all of it and keeps the data.
DATABASE_URL, when set, is used in place of the embedded Postgres.
`

/**
 * @typedef {{ isEmpty: boolean, port?: number, brokerPort?: number, data: string, isHelp: boolean }} UpOptions
 * @param {string[]} args
 * @returns {UpOptions}
 */
export function parseOptions(args) {
  const { values } = parse(args)
  const data = values.data ?? process.env.HEADRACE_DATA ?? '.data'
  return {
    isEmpty: values.empty,
    ...(values.port && { port: portOf('--port', values.port) }),
    ...(values['broker-port'] && { brokerPort: portOf('--broker-port', values['broker-port']) }),
    // npm runs scripts in the checkout; INIT_CWD is where the person typed the command.
    data: values.data ? path.resolve(process.env.INIT_CWD ?? process.cwd(), data) : path.resolve(ROOT, data),
    isHelp: values.help,
  }
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        empty: { type: 'boolean', default: false },
        port: { type: 'string' },
        'broker-port': { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new LaunchError('The command was not understood.', error.message, '`npm run up -- --help` lists the options.')
  }
}

function portOf(name, text) {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port
  throw new LaunchError(
    `${name} ${text} is not a port.`,
    '',
    `\`npm run up -- ${name} 3100\`: a number from 1 to 65535.`,
  )
}
