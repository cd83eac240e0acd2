import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { env } from '@/lib/env'
import { AppError, notFound } from '@/lib/errors'
import type { ContentType, PayloadPart } from '@/lib/generated/prisma/enums'
import { componentLogger } from '@/lib/logger'
import type { Payload } from '@/lib/runtime/port'
import { storage } from '@/lib/storage/current'
import { newStorageKey } from '@/lib/storage/key'
import { visibleExecutions } from './access'
import { PREVIEW_BYTES } from './record'

const DAY_MS = 24 * 60 * 60 * 1000

const log = componentLogger('executions')

/** A row of `ExecutionPayload` for the transaction that writes the execution. */
export type KeptPayload = {
  executionId: string
  part: PayloadPart
  storageKey: string
  sizeBytes: number
  expiresAt: Date
}

/**
 * Puts into storage what of a run's input and result its row can not hold whole. The rows that name the objects are
 * the caller's to write; without them the sweeper removes the objects after a day. Storage that is away costs the
 * whole of a large payload, never the execution: then fewer rows come back, and it is logged.
 */
export async function keepPayloads(
  executionId: string,
  payloads: { input: Payload; result?: Payload },
): Promise<KeptPayload[]> {
  const { input, result } = payloads
  if (fitsPreview(input) && (!result || fitsPreview(result))) return []
  const parts = Object.entries(payloads) as [PayloadPart, Payload | undefined][]
  const kept = await Promise.all(
    parts.map(async ([part, payload]) => (payload && !fitsPreview(payload) ? keep(executionId, part, payload) : null)),
  )
  return kept.filter((row) => row !== null)
}

async function keep(executionId: string, part: PayloadPart, { bytes }: Payload): Promise<KeptPayload | null> {
  const storageKey = newStorageKey()
  try {
    await storage().put(storageKey, bytes)
  } catch (error) {
    log.warn({ err: error, executionId, part }, 'a large payload could not be kept; only its beginning can be seen')
    return null
  }
  const expiresAt = new Date(Date.now() + env().HEADRACE_PAYLOAD_DAYS * DAY_MS)
  return { executionId, part, storageKey, sizeBytes: bytes.length, expiresAt }
}

/** Whether the preview says it all: a text with a NUL does not, because Postgres can not hold that. */
function fitsPreview({ type, bytes }: Payload): boolean {
  return bytes.length <= PREVIEW_BYTES && (type === 'binary' || !bytes.includes(0))
}

/** Whether a row's preview is all of a payload. */
export function isWhole(type: ContentType | null, preview: string, bytes: number): boolean {
  return Buffer.byteLength(preview, type === 'binary' ? 'base64' : 'utf8') === bytes
}

/** An execution's whole input. Throws `unavailable` with a sentence when only its beginning is kept. */
export async function readInput(execution: {
  id: string
  inputType: ContentType | null
  inputPreview: string
  inputBytes: number
}): Promise<Payload> {
  const { id, inputType, inputPreview, inputBytes } = execution
  const type = inputType ?? 'text'
  if (isWhole(inputType, inputPreview, inputBytes)) {
    return { type, bytes: Buffer.from(inputPreview, type === 'binary' ? 'base64' : 'utf8') }
  }
  const kept = await db().executionPayload.findUnique({
    where: { executionId_part: { executionId: id, part: 'input' } },
    select: { storageKey: true },
  })
  if (!kept) throw new AppError('unavailable', 'Only the beginning of this input is kept; it can not be run again.')
  return { type, bytes: await buffer(await storage().get(kept.storageKey)) }
}

/** The whole of an execution's input or result, to download. Throws `not_found`, also when only its beginning is kept. */
export async function openPayload(ctx: Context, { id, part }: { id: string; part: PayloadPart }) {
  const execution = await db().execution.findFirst({
    where: { AND: [await visibleExecutions(ctx), { id }] },
    select: {
      id: true,
      inputType: true,
      inputPreview: true,
      inputBytes: true,
      resultType: true,
      resultPreview: true,
      resultBytes: true,
      payloads: { where: { part }, select: { storageKey: true, sizeBytes: true } },
    },
  })
  if (!execution) throw notFound('execution')
  const { inputType, inputPreview, inputBytes, resultType, resultPreview, resultBytes, payloads } = execution
  const [type, preview, bytes] =
    part === 'input' ? [inputType, inputPreview, inputBytes] : [resultType, resultPreview, resultBytes]
  if (type === null) throw notFound(part)
  const [kept] = payloads
  if (kept) return { type, sizeBytes: kept.sizeBytes, body: await storage().get(kept.storageKey) }
  if (!isWhole(type, preview, bytes)) throw new AppError('not_found', `Only the beginning of this ${part} is kept.`)
  const whole = Buffer.from(preview, type === 'binary' ? 'base64' : 'utf8')
  return { type, sizeBytes: whole.length, body: Readable.from([whole]) }
}
