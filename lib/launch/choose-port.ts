import { readFileSync, writeFileSync } from 'node:fs'
import { LaunchError } from './entry/launch-error.mjs'
import { isPortFree } from './ports'

const ATTEMPTS = 200

export type PortNames = 'web' | 'broker'
const WORDS = {
  web: { preferred: 3000, option: '--port', what: 'the console' },
  broker: { preferred: 5672, option: '--broker-port', what: 'the broker' },
}

/**
 * The port to listen on: the one asked for, else the one of the former start, else the usual one or the next free.
 * It is kept: event flows store the broker's port, and people bookmark the console's.
 * @throws LaunchError when the port asked for or kept is taken; another one in silence would break what refers to it
 */
export async function choosePort(file: string, name: PortNames, asked?: number): Promise<number> {
  const kept = readPorts(file)
  const port = asked ?? kept[name]
  if (port !== undefined && !(await isPortFree(port))) throw portTaken(name, port, asked === undefined)
  const chosen = port ?? (await nextFree(WORDS[name].preferred, Object.values(kept)))
  if (chosen !== kept[name]) writeFileSync(file, `${JSON.stringify({ ...kept, [name]: chosen }, null, 2)}\n`)
  return chosen
}

export function portTaken(name: PortNames, port: number, wasKept: boolean): LaunchError {
  const { option, what } = WORDS[name]
  const kept = wasKept ? `It is the port that ${what} had at the last start. ` : ''
  const flows =
    name === 'broker' ? ' Event flows connected to the former port must then be edited (Events tab → Edit).' : ''
  return new LaunchError(
    `Port ${port}, for ${what}, is taken.`,
    `${kept}Another program listens on 127.0.0.1:${port}.`,
    `Stop that program, or take another port: \`npm run up -- ${option} ${port + 1}\`.${flows}`,
  )
}

async function nextFree(preferred: number, taken: (number | undefined)[]): Promise<number> {
  for (let port = preferred; port < preferred + ATTEMPTS; port++) {
    if (!taken.includes(port) && (await isPortFree(port))) return port
  }
  throw new LaunchError(
    `No port from ${preferred} on is free.`,
    '',
    'Name one: `npm run up -- --port N --broker-port N`',
  )
}

function readPorts(file: string): Partial<Record<PortNames, number>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}
