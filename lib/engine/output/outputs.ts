import { guessContentType } from '@/lib/data/content-type'
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

/** A result in storage, before a row names it. */
export type ResultFile = {
  owner: string
  collection: string
  name: string
  contentType: string
  sizeBytes: number
  /** SHA-256 of the bytes, hex. */
  checksum: string
  storageKey: string
}

/** Where results go besides the ledger. */
export interface Outputs {
  /** Why a result could not be kept now, or null. Asked before each run, so that no run is for nothing. */
  hindrance(flow: FlowSpec): Promise<Obstacle | null>
  /** Writes a result's bytes; the ledger names them in the transaction that makes the result win. */
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
  let isStorageAway = false

  const storageObstacle = async (): Promise<Obstacle | null> => {
    if (!isStorageAway) return null
    try {
      await storage().check()
      isStorageAway = false
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
      return storageObstacle()
    },
    store: async (flow, message, result) => {
      if (!flow.output) throw new Error('a flow without an output collection has no place for a result')
      const name = resultFileName(flow.output.nameTemplate, message)
      const storageKey = newStorageKey()
      try {
        const { sizeBytes, checksum } = await storage().put(storageKey, result.bytes)
        isStorageAway = false
        const contentType = guessContentType(name, CONTENT_TYPES[result.type])
        return { file: { ...placeParts(flow.output), name, contentType, sizeBytes, checksum, storageKey } }
      } catch (error) {
        isStorageAway = true
        return { obstacle: storageAway(error) }
      }
    },
    discard: ({ storageKey }) => deleteObject(storageKey),
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
