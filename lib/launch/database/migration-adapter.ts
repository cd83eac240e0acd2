import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import pg from 'pg'

/** The catalogue type `"char"`, which @prisma/adapter-pg refuses; `text` is what it is read as. */
const CHAR_OID = 18
const TEXT_OID = 25

type Internals = {
  performIO(query: object): Promise<pg.QueryArrayResult>
  onError(error: unknown): never
}

/**
 * Lets Prisma's schema engine work through @prisma/adapter-pg 7.10, which is not ready for migrations
 * (prisma/orm#27403):
 * - catalogue columns of type `"char"` are refused; the engine wants them as characters;
 * - `executeScript` splits the SQL at every `;`, which breaks functions, DO blocks and quoted semicolons;
 * - `connectToShadowDb` stays on the main database when it is given a connection string.
 */
export class MigrationAdapterFactory extends PrismaPg implements SqlMigrationAwareDriverAdapterFactory {
  readonly #url: string
  readonly #open: { dispose(): Promise<void> }[] = []

  constructor(url: string) {
    super({ connectionString: url })
    this.#url = url
  }

  override async connect() {
    return this.#keep(await connectAdapter(this.#url, async () => {}))
  }

  override async connectToShadowDb() {
    const name = `headrace_shadow_${process.pid}_${Date.now()}`
    const url = new URL(this.#url)
    url.pathname = `/${name}`
    await this.#run(`create database "${name}" template template0`)
    return this.#keep(await connectAdapter(url.href, () => this.#run(`drop database if exists "${name}" with (force)`)))
  }

  /** Closes what was opened. An engine's advisory lock lives until its connection ends. */
  async close(): Promise<void> {
    for (const adapter of this.#open) await adapter.dispose()
  }

  #keep<T extends { dispose(): Promise<void> }>(adapter: T): T {
    this.#open.push(adapter)
    return adapter
  }

  async #run(sql: string): Promise<void> {
    const client = new pg.Client(this.#url)
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
}

async function connectAdapter(url: string, afterClose: () => Promise<void>) {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const adapter = await new PrismaPg(pool).connect()
  const internals = adapter as unknown as Internals
  const charColumns = new WeakMap<object, number[]>()

  const performIO = internals.performIO.bind(adapter)
  internals.performIO = async (query) => {
    const result = await performIO(query)
    const columns: number[] = []
    for (const [index, field] of result.fields.entries()) {
      if (field.dataTypeID !== CHAR_OID) continue
      field.dataTypeID = TEXT_OID
      columns.push(index)
    }
    charColumns.set(query, columns)
    return result
  }
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    for (const index of charColumns.get(query) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }
  adapter.executeScript = async (sql) => {
    await pool.query(sql).catch((error: unknown) => internals.onError(error))
  }
  adapter.dispose = async () => {
    if (pool.ended) return
    await pool.end()
    await afterClose()
  }
  return adapter
}
