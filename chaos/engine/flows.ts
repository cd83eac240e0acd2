import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Db } from '@/lib/db'
import { connectFlow, makeAlgorithmRow, publishRow } from '@/lib/engine/testing/ledger-fixture'
import { discoverEnvironments } from '@/lib/environments/discover'
import type { TestBroker } from '@/lib/testing/broker'
import type { RigOptions } from './rig'

/** A queue that is connected to the algorithm. */
export type Flow = {
  id: string
  address: { connectionString: string; queueName: string }
  /** Runs at a time. */
  concurrency: number
}

/** Runs at a time, over all flows. */
const CONCURRENCY = 16
/** Short, so that what a dead engine had in hand comes again soon. */
const LOCK_MS = 5_000
const MAX_DELIVERIES = 10
const DUPLICATES_MS = 10 * 60_000

/** What a message says: its number, how long its run takes, and whether it can be digested at all. */
export type MessageBody = { n: number; ms: number; isPoison: boolean }

const sourceOf = (resultBytes: number[]) => `import time

PADDINGS = ${JSON.stringify(resultBytes)}

def apply(input):
    time.sleep(input["ms"] / 1000)
    if input["isPoison"]:
        raise ValueError("This message can not be digested.")
    return {"n": input["n"], "padding": "." * PADDINGS[input["n"] % len(PADDINGS)]}
`

/** The number of the message that a result is of. */
export const numberOfResult = (json: string): unknown => (JSON.parse(json) as { n: unknown }).n

type Place = { db: Db; broker: TestBroker; dataDirectory: string }

/** Publishes the algorithm, and connects it to so many new queues. */
export async function connectFlows(
  place: Place,
  { flows = 1, hasOutput = false, resultBytes = [0] }: RigOptions,
): Promise<Flow[]> {
  const { db, broker } = place
  const algorithm = await publishAlgorithm(place, resultBytes)
  const outputCollection = hasOutput ? await makeCollection(db, algorithm.ownerId) : null
  const concurrency = Math.ceil(CONCURRENCY / flows)
  const made: Flow[] = []
  for (let number = 1; number <= flows; number++) {
    const queueName = `queue-${number}`
    await broker.createQueue(queueName, {
      lockDurationMs: LOCK_MS,
      maxDeliveryCount: MAX_DELIVERIES,
      // A sender that got no answer sends again: that must not make two messages of one.
      requiresDuplicateDetection: true,
      duplicateDetectionWindowMs: DUPLICATES_MS,
    })
    const address = { connectionString: broker.connectionString, queueName }
    const { id } = await connectFlow(db, algorithm, address)
    await db.eventFlow.update({ where: { id }, data: { concurrency, outputCollection } })
    made.push({ id, address, concurrency })
  }
  return made
}

async function publishAlgorithm({ db, dataDirectory }: Place, resultBytes: number[]) {
  const python = (await discoverEnvironments()).find(({ language }) => language === 'python')
  if (!python) throw new Error('There is no Python 3 here that a worker may execute.')
  const algorithm = await makeAlgorithmRow(db)
  await db.environment.updateMany({ data: { interpreterPath: python.interpreterPath } })
  const versionId = await publishRow(db, algorithm.id)
  const { build } = await db.version.findUniqueOrThrow({ where: { id: versionId }, select: { build: true } })
  const sources = path.join(dataDirectory, 'versions', algorithm.id, build.commitSha, 'src')
  await mkdir(sources, { recursive: true })
  await writeFile(path.join(sources, `${algorithm.name}.py`), sourceOf(resultBytes))
  return algorithm
}

async function makeCollection(db: Db, ownerId: string): Promise<string> {
  const { owner, name } = await db.collection.create({
    data: { ownerId, name: 'results' },
    select: { name: true, owner: { select: { name: true } } },
  })
  return `${owner.name}/${name}`
}
