import { createHash } from 'node:crypto'
import { guessContentType } from '@/lib/data/content-type'
import { type Contents, MAX_INLINE_BYTES } from '@/lib/data/contents'
import { deleteObject } from '@/lib/data/objects'
import { formatDataUri } from '@/lib/data/uri'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import type { Payload } from '@/lib/runtime/port'
import { storage } from '@/lib/storage/current'
import { newStorageKey } from '@/lib/storage/key'
import type { Message } from '../broker/port'
import type { Obstacle } from '../decide'
import type { FlowSpec, OutputPlace } from '../target'
import { resultFileName } from './file-name'

/** A result that is in storage, or is to be in its row, before there is one. */
export type ResultFile = {
  owner: string
  collection: string
  name: string
  contentType: string
  sizeBytes: number
  /** SHA-256 of the bytes, hex. */
  checksum: string
} & Contents

/** Where results go besides the ledger. */
export interface Outputs {
  /** Why a result could not be kept now, or null. Asked before each run, so that no run is for nothing. */
  hindrance(flow: FlowSpec): Promise<Obstacle | null>
  /**
   * Writes a result's bytes, unless the row can hold them; the ledger makes the row in the transaction that makes the
   * result win.
   */
  store(flow: FlowSpec, message: Message, result: Payload): Promise<{ file: ResultFile } | { obstacle: Obstacle }>
  /** Removes the bytes of a result that did not win. Never rejects. */
  discard(file: ResultFile): Promise<void>
}

const CONTENT_TYPES = { json: 'application/json', text: 'text/plain; charset=utf-8', binary: '' } as const

/** A collection that was there is taken to be there for so long; the ledger looks again when it writes. */
const TRUSTED_MS = 5_000

/** The Outputs on hosted data. */
export function createOutputs(): Outputs {
  const trustedUntil = new Map<string, number>()
  /** Flows whose last result found no room: the others may need none. */
  const hindered = new Set<string>()

  const storageObstacle = async ({ id }: FlowSpec): Promise<Obstacle | null> => {
    if (!hindered.has(id)) return null
    try {
      await storage().check()
      hindered.clear()
      return null
    } catch (error) {
      return storageAway(error)
    }
  }
  return {
    hindrance: async (flow) => {
      if (!flow.output) return null
      const key = `${flow.ownerId} ${flow.output.collection}`
      if (Date.now() > (trustedUntil.get(key) ?? 0)) {
        const obstacle = await collectionObstacle(flow, flow.output)
        if (obstacle) return obstacle
        trustedUntil.set(key, Date.now() + TRUSTED_MS)
      }
      return storageObstacle(flow)
    },
    store: async (flow, message, result) => {
      if (!flow.output) throw new Error('a flow without an output collection has no place for a result')
      const name = resultFileName(flow.output.nameTemplate, message)
      const contentType = guessContentType(name, CONTENT_TYPES[result.type])
      const file = { ...placeParts(flow.output), name, contentType, sizeBytes: result.bytes.length }
      if (file.sizeBytes <= MAX_INLINE_BYTES) {
        const checksum = createHash('sha256').update(result.bytes).digest('hex')
        return { file: { ...file, checksum, storageKey: null, content: result.bytes } }
      }
      try {
        const storageKey = newStorageKey()
        const { checksum } = await storage().put(storageKey, result.bytes)
        hindered.clear()
        return { file: { ...file, checksum, storageKey, content: null } }
      } catch (error) {
        hindered.add(flow.id)
        return { obstacle: storageAway(error) }
      }
    },
    discard: async ({ storageKey }) => {
      if (storageKey !== null) await deleteObject(storageKey)
    },
  }
}

/** What is said when the collection is not there, or somebody else's: one text, as for everything that is not seen. */
export function outputUnwritable({ collection }: Pick<OutputPlace, 'collection'>): Obstacle {
  const uri = formatDataUri(...splitPlace(collection))
  const text = `The collection ${uri} for results is not there, or is not the flow owner's to write. Create it, or edit the event flow and choose another output collection.`
  return { kind: 'output_unwritable', text }
}

export const dataUriOf = ({ owner, collection, name }: ResultFile): string => formatDataUri(owner, collection, name)

async function collectionObstacle(flow: FlowSpec, output: OutputPlace): Promise<Obstacle | null> {
  const { owner, collection } = placeParts(output)
  try {
    const found = await db().collection.findFirst({
      where: { name: collection, ownerId: flow.ownerId, owner: { nameKey: owner.toLowerCase() } },
      select: { id: true },
    })
    return found ? null : outputUnwritable(output)
  } catch {
    return { kind: 'database_away', text: 'The database does not answer.' }
  }
}

function storageAway(error: unknown): Obstacle {
  const detail = error instanceof AppError ? error.message : 'The storage of hosted data does not answer.'
  return { kind: 'storage_away', text: `Results can not be written. ${detail}` }
}

function placeParts({ collection }: OutputPlace): { owner: string; collection: string } {
  const [owner, name] = splitPlace(collection)
  return { owner, collection: name }
}

function splitPlace(place: string): [owner: string, collection: string] {
  const [owner = '', collection = ''] = place.split('/')
  return [owner, collection]
}
