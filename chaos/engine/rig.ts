import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, type Db } from '@/lib/db'
import { killPostgres } from '@/lib/engine/testing/kill-postgres'
import { type Relay, startRelay } from '@/lib/engine/testing/tcp-relay'
import { deployMigrations } from '@/lib/launch/database/migrate'
import { type PostgresServer, startPostgres } from '@/lib/launch/postgres/server'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { testEnvironment } from '@/lib/testing/environment'
import { connectFlows, type Flow } from './flows'

export type RigOptions = {
  /** Queues, each with a flow of its own; the messages are spread over them. */
  flows?: number
  /** Results go to a collection as well. */
  hasOutput?: boolean
  /** How much the results hold besides the numbers of their messages, in turn. */
  resultBytes?: number[]
}

/** The real parts around the engines: Postgres, broker, data directory, flows of a published algorithm. */
export type Rig = {
  db: Db
  broker: TestBroker
  flows: Flow[]
  dataDirectory: string
  /** What an engine process needs. */
  environment: Record<string, string>
  /** Ends Postgres by SIGKILL; resolves when it is gone. */
  killPostgres(): Promise<void>
  /** Starts it again, behind the same address. */
  startPostgres(): Promise<void>
  close(): Promise<void>
}

/** Starts everything with the settings of the product; nothing of it outlives this process. */
export async function startRig(options: RigOptions): Promise<Rig> {
  const folder = mkdtempSync(path.join(tmpdir(), 'headrace-chaos-'))
  chmodSync(folder, 0o711)
  const [postgresDirectory, dataDirectory] = ['postgres', 'data'].map((name) => path.join(folder, name)) as [
    string,
    string,
  ]
  mkdirSync(postgresDirectory, { mode: 0o711 })
  mkdirSync(dataDirectory)
  const closers: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const end of closers.toReversed()) await end().catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    let server = await startPostgres(postgresDirectory)
    closers.push(() => server.stop())
    await deployMigrations(server.url)
    const relay = await startRelay(portOf(server))
    closers.push(() => relay.close())
    const url = throughRelay(server, relay)
    const environment = testEnvironment(url, dataDirectory)
    Object.assign(process.env, environment)
    const db = connect(url)
    closers.push(() => db.$disconnect())
    const broker = await testBroker({ faults: true })
    closers.push(() => broker.close())
    const flows = await connectFlows({ db, broker, dataDirectory }, options)
    return {
      ...{ db, broker, flows, dataDirectory, environment, close },
      killPostgres: () => killPostgres(server),
      startPostgres: async () => {
        server = await startPostgres(postgresDirectory)
        relay.setTarget(portOf(server))
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

const portOf = ({ url }: PostgresServer): number => Number(new URL(url).port)

/** The port of Postgres changes from start to start. */
function throughRelay(server: PostgresServer, relay: Relay): string {
  const url = new URL(server.url)
  url.port = String(relay.port)
  return url.href
}
