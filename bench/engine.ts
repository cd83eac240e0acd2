import './engine/quiet'
import { administrationClient } from '@/lib/testing/broker'
import { startBroker } from './broker/servers'
import { benchIdle } from './engine/idle'
import { benchLatency } from './engine/latency'
import { makePlace } from './engine/place'
import { FamilyMeter } from './engine/processes'
import type { Rig } from './engine/rig'
import { makeFlowSubject, startBareSubject, startEngine } from './engine/subjects'
import { benchThroughput } from './engine/throughput'
import { readOptions } from './options'
import { type Figure, publish } from './report'

const options = readOptions('engine', ['throughput', 'latency', 'idle'])
const wants = (part: string) => options.only.length === 0 || options.only.includes(part)
const say = (text: string) => process.stderr.write(`${text} …\n`)

say('database, algorithms and broker')
const place = await makePlace()
const broker = await startBroker(['bare', 'python', 'node', 'collection'])
const postgres = new FamilyMeter(place.postgres.pid)
const rig: Rig = { place, postgres, broker, administration: administrationClient(broker.connectionString), options }
const figures: Figure[] = []
if (wants('throughput') || wants('latency')) figures.push(...(await benchMessages()))
if (wants('idle')) {
  say('idle queues')
  figures.push(...(await benchIdle(rig)))
}
await broker.close()
await place.close()
publish({
  name: 'engine',
  title: 'The engine; baseline: a bare @azure/service-bus subscribe loop on the same broker',
  options,
  figures,
})
// The command layer keeps timers of its own.
process.exit(0)

/** All share one engine process; a flow that is not being measured is paused. */
async function benchMessages(): Promise<Figure[]> {
  const bare = await startBareSubject(rig)
  const child = await startEngine(rig)
  const engine = { ...child, meter: new FamilyMeter(child.pid) }
  const python = await makeFlowSubject(rig, engine, { label: 'Python', queueName: 'python', language: 'python' })
  const node = await makeFlowSubject(rig, engine, { label: 'JavaScript', queueName: 'node', language: 'node' })
  const collection = await makeFlowSubject(rig, engine, {
    label: 'Python, results in a collection',
    queueName: 'collection',
    language: 'python',
    toCollection: true,
  })
  const found: Figure[] = []
  if (wants('throughput')) {
    say('throughput')
    const half = { of: 'ratio', atLeast: 0.5 } as const
    const quarter = { of: 'ratio', atLeast: 0.25 } as const
    const flows = [
      { ...python, goal: half },
      { ...node, goal: half },
      { ...collection, goal: quarter },
    ]
    found.push(...(await benchThroughput(rig, bare, flows)))
  }
  if (wants('latency')) {
    say('latency')
    found.push(...(await benchLatency(rig, bare, [python, node])))
  }
  await engine.stop()
  await bare.stop()
  return found
}
