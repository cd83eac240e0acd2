import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_INLINE_BYTES, openContents } from '@/lib/data/contents'
import { accountFor, sendLoad } from './testing/account'
import type { ConnectedFlow } from './testing/engine-fixture'
import { CRASH_STEPS } from './testing/failpoint'
import { type EngineProcess, type StartOptions, startEngineProcess } from './testing/start-engine-process'
import { testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

/** The same at full size: `npm run chaos`. */
const MESSAGES = 200
const QUEUE = { lockDurationMs: 5_000, maxDeliveryCount: 10 }
const TEST_TIMEOUT_MS = 180_000
/** Nine processes start one after the other. */
const EACH_STEP_TIMEOUT_MS = 400_000

const parts = testEngines()
let running: EngineProcess[] = []

afterEach(async () => {
  for (const { child, exit } of running) {
    child.kill('SIGKILL')
    await exit
  }
  running = []
})

function startOne(options: StartOptions = {}): EngineProcess {
  const started = startEngineProcess({ runMs: 10, ...options })
  running.push(started)
  return started
}

/** Every message once: won, or dead-lettered because it can not be digested; none lost, none twice. */
async function expectSoundAccount(flow: ConnectedFlow, sent: string[]) {
  const { won, dead, queued, everywhere } = await accountFor(parts.db, flow, sent)
  expect(everywhere).toEqual(sent.toSorted())
  expect(queued).toEqual([])
  expect(dead.every((body) => body.endsWith('poison'))).toBe(true)
  expect(won.length + dead.length).toBe(sent.length)
}

describe('every message is accounted for', () => {
  it(
    'when one of two engines is killed under load',
    async () => {
      const flows = [await parts.connect({ queue: QUEUE }), await parts.connect({ queue: QUEUE })]
      const engines = [startOne(), startOne()]
      await Promise.all(engines.map(({ started }) => started))
      await waitUntil('each has one flow', async () => {
        const leases = await parts.db.flowLease.groupBy({ by: ['engineId'], where: { engineId: { not: null } } })
        return leases.length === 2
      })
      const sent = await Promise.all(flows.map((flow) => sendLoad(flow, MESSAGES / 2)))
      await waitUntil('it is at work', () => (engines[0]?.inputs.length ?? 0) > 20)
      engines[0]?.child.kill('SIGKILL')
      for (const [index, flow] of flows.entries()) await expectSoundAccount(flow, sent[index] ?? [])
    },
    TEST_TIMEOUT_MS,
  )

  it(
    'when the engine is told to stop under load, and another one starts',
    async () => {
      const flow = await parts.connect({ queue: QUEUE })
      const first = startOne({ engine: { drainMs: 300 }, runMs: 100 })
      await first.started
      const sent = await sendLoad(flow, MESSAGES)
      await waitUntil('it is at work', () => first.inputs.length > 40)
      first.child.kill('SIGTERM')
      expect(await first.exit).toEqual({ code: 0, signal: null })
      expect(await parts.db.flowLease.count({ where: { engineId: { not: null } } })).toBe(0)
      startOne()
      await expectSoundAccount(flow, sent)
    },
    TEST_TIMEOUT_MS,
  )

  it(
    'when the engine is killed at each step of a delivery under load, and each winner has its file',
    async () => {
      const flow = await parts.connect({ queue: QUEUE })
      const { owner, ...results } = await parts.db.collection.create({
        data: { ownerId: flow.algorithm.ownerId, name: 'results' },
        select: { id: true, owner: { select: { name: true } } },
      })
      await flow.change({ outputCollection: `${owner.name}/results` })
      const sent = await sendLoad(flow, MESSAGES)
      for (const [index, step] of CRASH_STEPS.entries()) {
        // Those of every other engine are too large for their rows; also of the one that dies once they are in storage.
        const resultBytes = index % 2 === 0 ? MAX_INLINE_BYTES + 1 : 0
        const doomed = startOne({ die: { step, atDelivery: 23 }, resultBytes })
        expect(await doomed.exit).toMatchObject({ signal: 'SIGKILL' })
      }
      startOne()
      await expectSoundAccount(flow, sent)
      const files = await parts.db.dataFile.findMany({ where: { collectionId: results.id } })
      const won = sent.filter((body) => !body.endsWith('poison')).map((body) => `message ${body}.json`)
      expect(files.map(({ name }) => name).sort()).toEqual(won.sort())
      for (const file of files) {
        const body = await openContents(file)
        expect(body && (await text(body))).toMatch(/^"ran\.*"$/)
      }
      expect(new Set(files.map(({ storageKey }) => storageKey === null))).toEqual(new Set([true, false]))
    },
    EACH_STEP_TIMEOUT_MS,
  )
})
