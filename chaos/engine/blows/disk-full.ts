import { mkdirSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MAX_INLINE_BYTES } from '@/lib/data/contents'
import type { EngineProcess } from '@/lib/engine/testing/start-engine-process'
import { engineScenario } from '../engine-scenario'
import type { Field } from '../field'

/** Of a file's row there is no room on the disk to be short of: results are larger than a row takes. */
const RESULT_BYTES = MAX_INLINE_BYTES + 1
/** Room for the results of the full size, two pages of 4 KiB each. */
const DISK_MIB = 112
const LONGEST_FULL_MS = 5_000
const CHUNK = Buffer.alloc(1024 * 1024)

export const diskFull = engineScenario({
  name: 'disk-full',
  sentence: 'The disk that results are written to is full for a while (a small tmpfs of its own), again and again.',
  rig: { hasOutput: true, resultBytes: [RESULT_BYTES] },
  rounds: 4,
  strike: async (field, { random, rounds, say }) => {
    const files = filesOf(field)
    mkdirSync(files)
    const engine = await field.startEngine({ within: onSmallDisk(files) })
    for (const moment of random.moments(rounds)) {
      const forMs = random.integer(0, LONGEST_FULL_MS)
      await field.untilShare(moment)
      const ballast = path.join(seenBy(engine, files), 'ballast')
      await fillDisk(ballast)
      await sleep(forMs)
      rmSync(ballast)
      say(`full for ${forMs} ms at ${field.won} won`)
    }
    return { fullDisks: rounds }
  },
  inspect: complainAboutFiles,
})

const filesOf = (field: Field): string => path.join(field.rig.dataDirectory, 'files')

/** A program that runs another one with a small disk at that folder, which nobody else sees. */
function onSmallDisk(folder: string): string[] {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user']
  const mount = `mount -t tmpfs -o size=${DISK_MIB}m headrace-chaos "$0" && exec "$@"`
  return ['unshare', ...asRoot, '--mount', '--propagation', 'private', 'sh', '-c', mount, folder]
}

/** Where a folder of that process's own mounts is found from outside. */
const seenBy = ({ child }: EngineProcess, folder: string): string => `/proc/${child.pid}/root${folder}`

/** Writes until there is really no space left on the device. */
async function fillDisk(file: string): Promise<void> {
  const ballast = await open(file, 'w')
  try {
    for (;;) await ballast.write(CHUNK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await ballast.close()
  }
}

/** Each won result has its file, with its bytes, and no other file is there. */
async function complainAboutFiles(field: Field): Promise<void> {
  const [engine] = field.engines
  if (!engine) return
  const folder = seenBy(engine, filesOf(field))
  const { db } = field.rig
  const won = await db.execution.findMany({ where: { status: 'succeeded' }, select: { messageId: true } })
  const rows = await db.dataFile.findMany({ select: { name: true, sizeBytes: true, storageKey: true } })
  const missing = new Set(won.map(({ messageId }) => `${messageId}.json`))
  for (const { name, sizeBytes, storageKey } of rows) {
    const object = storageKey && statSync(path.join(folder, storageKey), { throwIfNoEntry: false })
    const isWhole = object && object.size === Number(sizeBytes)
    if (!isWhole || !missing.delete(name)) field.complaints.push(`The file ${name} is not whole, or nobody's.`)
  }
  if (missing.size > 0)
    field.complaints.push(`${missing.size} results have no file: ${[...missing].slice(0, 5).join(', ')}.`)
}
