import { Agent, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { createApiKey } from '@/lib/api-keys/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { makePlace } from '../engine/place'
import { FamilyMeter } from '../engine/processes'
import { cpuMs } from '../process-usage'
import { type Figure, figure } from '../report'
import { measureInTurn, quantile, type Sample } from '../rounds'
import { jsonOfSize } from './calls'
import { type HttpServer, startBareHttp, startConsole } from './http-servers'
import type { RuntimeBench } from './subjects'

const SIZES = [
  { label: '200 B', bytes: 200 },
  { label: '100 kB', bytes: 100_000 },
]
const AT_ONCE = [1, 8]
const CALLS = 500
const WARM_UP_CALLS = 50
const OK = 200

type Call = (body: Buffer) => Promise<void>
type Subject = { call: Call; pid: number; postgres?: FamilyMeter }

/** Calls with an API key at the built console, beside a bare server that hands each body through a bare pipe loop. */
export async function benchHttp({ languages, options }: RuntimeBench): Promise<Figure[]> {
  const figures: Figure[] = []
  const place = await makePlace()
  const postgres = new FamilyMeter(place.postgres.pid)
  const key = await makeKey()
  const console_ = await startConsole(place)
  for (const language of languages) {
    const bareServer = await startBareHttp(language)
    const path = `/v1/algo/bench/echo_${language.language}/0.1.0`
    const bare = { call: callerOf(bareServer, '/', key), pid: bareServer.pid }
    const subject = { call: callerOf(console_, path, key), pid: console_.pid, postgres }
    for (const { label, bytes } of SIZES) {
      for (const atOnce of AT_ONCE) {
        const body = jsonOfSize(bytes)
        const calls = options.quick ? CALLS / 10 : CALLS
        const [without, sample] = (await measureInTurn(
          options.rounds,
          () => measure(bare, body, atOnce, calls),
          () => measure(subject, body, atOnce, calls),
        )) as [Sample, Sample]
        figures.push(...rows(`${language.label} over HTTP, ${label}, ${atOnce} at once`, sample, without))
      }
    }
    await bareServer.stop()
  }
  await console_.stop()
  await place.close()
  return figures
}

function rows(name: string, subject: Sample, bare: Sample): Figure[] {
  const row = (what: string, key: string) => figure(`${name}: ${what}`, 'ms', subject[key] ?? Number.NaN, bare[key])
  return [
    row('p50', 'p50'),
    row('server CPU a call', 'cpu'),
    figure(`${name}: Postgres CPU a call`, 'ms', subject.postgres ?? 0),
  ]
}

async function measure({ call, pid, postgres }: Subject, body: Buffer, atOnce: number, calls: number): Promise<Sample> {
  await repeat(() => call(body), atOnce, WARM_UP_CALLS)
  const cpuBefore = cpuMs(pid)
  const postgresBefore = postgres?.readMs() ?? 0
  const times: number[] = []
  const timed = async () => {
    const calledAt = performance.now()
    await call(body)
    times.push(performance.now() - calledAt)
  }
  await repeat(timed, atOnce, calls)
  return {
    p50: quantile(times, 0.5),
    cpu: (cpuMs(pid) - cpuBefore) / calls,
    postgres: ((postgres?.readMs() ?? 0) - postgresBefore) / calls,
  }
}

async function repeat(work: () => Promise<void>, atOnce: number, times: number): Promise<void> {
  let left = times
  const worker = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** Over connections that stay. */
function callerOf({ port }: HttpServer, path: string, key: string): Call {
  const agent = new Agent({ keepAlive: true })
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = { Authorization: key, 'Content-Type': 'application/json', 'Content-Length': body.length }
      const sent = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, async (response) => {
        const answer = await buffer(response)
        // JavaScript writes JSON without blanks. An algorithm that failed is told in few bytes.
        if (response.statusCode === OK && answer.length > body.length / 2) resolve()
        else reject(new Error(`The call was answered with ${response.statusCode}: ${answer.subarray(0, 200)}`))
      })
      sent.once('error', reject)
      sent.end(body)
    })
}

async function makeKey(): Promise<string> {
  const user = await db().user.findFirstOrThrow({ select: { id: true, accountId: true } })
  const ctx: Context = {
    actor: { kind: 'user', userId: user.id, accountId: user.accountId, name: 'bench', isAdmin: true },
  }
  const rights = { algorithmAccess: 'full', dataAccess: 'read_write', canManage: false } as const
  return (await createApiKey(ctx, { label: 'bench', ...rights })).key
}
