import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as wasm from '@prisma/schema-engine-wasm/schema_engine_bg'
import { MigrationAdapterFactory } from './migration-adapter'

export type SchemaEngine = wasm.SchemaEngine
/** Files of a Prisma schema, as the engine takes them. */
export type SchemaFile = { path: string; content: string }

const require = createRequire(import.meta.url)
let isLoaded = false

/**
 * Runs `work` with Prisma's own schema engine, as WebAssembly over a driver adapter: no binary is downloaded.
 * One at a time in a process. The engine leaves a timer of 10 s behind, so a command-line program must exit itself.
 */
export async function withSchemaEngine<T>(
  url: string,
  schema: SchemaFile[],
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  await load()
  const factory = new MigrationAdapterFactory(url)
  const adapter = bindMigrationAwareSqlAdapterFactory(factory)
  const datamodels = schema.map((file): [string, string] => [file.path, file.content])
  const engine = await wasm.SchemaEngine.new({ datamodels }, () => {}, adapter)
  try {
    return await work(engine)
  } catch (error) {
    const registry = adapter.errorRegistry as { lookupError?: (error: Error) => unknown }
    throw registry.lookupError?.(error as Error) ?? error
  } finally {
    engine.free()
    await factory.close()
  }
}

async function load(): Promise<void> {
  if (isLoaded) return
  const reporter = { set_message: (message: string) => process.stderr.write(`schema engine: ${message}\n`) }
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: reporter })
  const folder = path.dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'))
  const bytes = readFileSync(path.join(folder, 'schema_engine_bg.wasm'))
  const imports = { './schema_engine_bg.js': wasm as unknown as WebAssembly.ModuleImports }
  const { instance } = await WebAssembly.instantiate(bytes, imports)
  wasm.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start as () => void
  start()
  isLoaded = true
}
