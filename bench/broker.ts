import { benchIdle } from './broker/idle'
import { benchLatency } from './broker/latency'
import { benchMemory } from './broker/memory'
import { benchReceive } from './broker/receive'
import { benchSend } from './broker/send'
import { startBareServer, startBroker } from './broker/servers'
import { benchStart } from './broker/start'
import { readOptions } from './options'
import { type Figure, publish } from './report'

const PARTS = {
  start: benchStart,
  send: benchSend,
  receive: benchReceive,
  latency: benchLatency,
  idle: benchIdle,
  memory: benchMemory,
}

const options = readOptions('broker', Object.keys(PARTS))
const [bare, broker] = await Promise.all([startBareServer(), startBroker(['queue'])])
const figures: Figure[] = []
for (const [name, bench] of Object.entries(PARTS)) {
  if (options.only.length > 0 && !options.only.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  figures.push(...(await bench({ broker, bare, options })))
}
await Promise.all([bare.close(), broker.close()])
publish({
  name: 'broker',
  title:
    'The embedded broker, driven by the official client; baseline: rhea alone at both ends, without tokens, locks and disk',
  options,
  figures,
})
