import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startEngineProcess } from '../testing/start-engine-process'
import { startRelay } from '../testing/tcp-relay'
import { settledExecutions, testEngines } from '../testing/test-engines'
import { waitUntil } from '../testing/wait-until'

const parts = testEngines()
const { connect, start } = parts

/** How many flows each engine has, by its id, those of dead engines left out. */
async function shares(): Promise<number[]> {
  const groups = await parts.db.flowLease.groupBy({
    by: ['engineId'],
    where: { engineId: { not: null } },
    _count: true,
  })
  return groups.map(({ _count }) => _count).sort()
}

async function connectMany(count: number) {
  const flows = []
  for (let made = 0; made < count; made += 1) flows.push(await connect())
  return flows
}

describe('several engines', () => {
  it('share the flows evenly, and share them anew when one comes or stops', async () => {
    const flows = await connectMany(5)
    const first = await start(() => null)
    await waitUntil('the first has all', async () => String(await shares()) === '5')
    const second = await start(() => null)
    await waitUntil('each has its half', async () => String(await shares()) === '2,3')
    await waitUntil('all receive again', async () => {
      const states = [...first.engine.status(), ...second.engine.status()].map(({ state }) => state)
      return states.filter((state) => state === 'receiving').length === 5
    })
    const owned = [first, second].map(({ engine }) => engine.status().map(({ flowId }) => flowId))
    expect(new Set(owned.flat()).size).toBe(5)

    await second.engine.stop()
    await waitUntil('the first has all again', async () => String(await shares()) === '5')
    await Promise.all(flows.map((flow) => flow.send('{}')))
    for (const flow of flows) await settledExecutions(flow, 1)
    expect([first.inputs.length, second.inputs.length]).toEqual([5, 0])
  })

  it('never run more of a flow at a time than it allows, while it moves between them', async () => {
    const flows = await connectMany(2)
    const running = new Map<string, number>()
    let most = 0
    const script = async (input: string) => {
      const { flow } = JSON.parse(input)
      running.set(flow, (running.get(flow) ?? 0) + 1)
      most = Math.max(most, ...running.values())
      await sleep(40)
      running.set(flow, (running.get(flow) ?? 0) - 1)
    }
    const send = (flow: number) => flows[flow]?.send(JSON.stringify({ flow }))
    for (let count = 0; count < 80; count += 1) await Promise.all([send(0), send(1)])
    const first = await start(script, { slots: 3 })
    await waitUntil('it is at work', () => first.inputs.length > 10)
    const second = await start(script, { slots: 3 })
    await waitUntil('each has one', async () => String(await shares()) === '1,1')
    await waitUntil('the second is at work', () => second.inputs.length > 10)
    await first.engine.stop()
    expect(first.inputs.length).toBeLessThan(160)
    for (const flow of flows) await settledExecutions(flow, 80)
    expect(most).toBe(3)
    expect(
      await parts.db.execution.count({
        where: { winningSequenceNumber: { not: null }, flowId: { in: flows.map(({ flowId }) => flowId) } },
      }),
    ).toBe(160)
  })

  it('move the flows of a killed one within 15 seconds', async () => {
    await connectMany(3)
    const doomed = startEngineProcess({ engine: { leaseMs: 8_000, reconcileMs: 2_000 } })
    await doomed.started
    expect(await shares()).toEqual([3])
    const heir = await start(() => null, { leaseMs: 8_000, reconcileMs: 2_000 })
    await waitUntil('they have shared', async () => String(await shares()) === '1,2')
    doomed.child.kill('SIGKILL')
    await doomed.exit
    const diedAt = Date.now()
    await waitUntil('the other one receives all', () => {
      const states = heir.engine.status().map(({ state }) => state)
      return states.filter((state) => state === 'receiving').length === 3
    })
    expect(Date.now() - diedAt).toBeLessThan(15_000)
  })
})

describe('an engine that other engines take for dead', () => {
  it('records nothing that wins when it wakes up again', async () => {
    const flow = await connect({ queue: { lockDurationMs: 5_000 } })
    // One slot, so that its link asks for no more: what its lock gives up goes to the other one.
    const frozen = startEngineProcess({ runMs: 4_000, engine: { slots: 1 } })
    await frozen.started
    await flow.send('precious')
    await waitUntil('it runs', () => frozen.inputs.length === 1)
    frozen.child.kill('SIGSTOP')
    const heir = await start(() => 'ran elsewhere')
    const executions = await settledExecutions(flow, 1)
    expect(executions).toMatchObject([{ status: 'succeeded', resultPreview: '"ran elsewhere"' }])
    frozen.child.kill('SIGCONT')
    await waitUntil('both are there', async () => (await parts.db.engine.count({ where: { isStopping: false } })) === 2)
    frozen.child.kill('SIGTERM')
    expect(await frozen.exit).toEqual({ code: 0, signal: null })
    const wins = (await flow.executions()).filter(({ winningSequenceNumber }) => winningSequenceNumber !== null)
    expect(wins.map(({ resultPreview }) => resultPreview)).toEqual(['"ran elsewhere"'])
    expect(heir.inputs).toEqual(['precious'])
  })

  it('ends what runs, takes nothing more, and gives back, when the database is away for it alone', async () => {
    const flow = await connect({ queue: { lockDurationMs: 30_000 } })
    const url = new URL(process.env.DATABASE_URL ?? '')
    const relay = await startRelay(Number(url.port))
    url.port = String(relay.port)
    const cutOff = startEngineProcess({ runMs: 600_000, engine: { drainMs: 0 }, env: { DATABASE_URL: url.href } })
    await cutOff.started
    await flow.send('first')
    await waitUntil('it runs', () => cutOff.inputs.length === 1)
    relay.cut()
    const heir = await start(() => 'ran elsewhere')
    await heir.untilState(flow.flowId, 'receiving')
    await flow.send('second')
    await flow.send('third')
    // Those that the cut off engine has taken it holds, and runs none; it gives them back when it hears of the others.
    relay.mend()
    await waitUntil('it is told', async () => (await parts.db.engine.count()) === 2)
    cutOff.child.kill('SIGTERM')
    const executions = await settledExecutions(flow, 3)
    await cutOff.exit
    await relay.close()
    expect(heir.inputs.sort()).toEqual(['first', 'second', 'third'])
    expect(cutOff.inputs).toEqual(['first'])
    expect(executions.filter(({ status }) => status === 'succeeded')).toHaveLength(3)
  })
})
