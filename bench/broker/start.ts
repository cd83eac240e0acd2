import { type Figure, figure } from '../report'
import { measureInTurn } from '../rounds'
import { type Server, startBareServer, startBroker } from './servers'

/** A start takes a fraction of a second: more rounds cost little and one start says little. */
const ROUNDS = 7

export async function benchStart(): Promise<Figure[]> {
  const [bare, broker] = await measureInTurn(
    ROUNDS,
    startTime(startBareServer),
    startTime(() => startBroker(['queue'])),
  )
  return [figure('start to accepting', 'ms', broker?.ms ?? NaN, bare?.ms, { atMost: 300 })]
}

function startTime(start: () => Promise<Server>) {
  return async () => {
    const server = await start()
    await server.close()
    return { ms: server.startMs }
  }
}
