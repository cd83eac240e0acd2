import { z } from 'zod'
import type { Context } from '@/lib/context'
import { createCollection } from '@/lib/data/commands/create-collection'
import { deleteCollection } from '@/lib/data/commands/delete-collection'
import { deleteFile } from '@/lib/data/commands/delete-file'
import { putFile } from '@/lib/data/commands/put-file'
import { updateReadAccess } from '@/lib/data/commands/update-read-access'
import { fileResponse } from '@/lib/data/file-response'
import { listCollections, listFiles, listOwners } from '@/lib/data/queries'
import { type DataPath, parseDataUri } from '@/lib/data/uri'
import { AppError } from '@/lib/errors'
import { fromAcl, RequestedAcl, toAcl } from './acl'
import { errorBody, errorResponse } from './errors'
import { isTrue } from './query'
import { bodyStream, readBody } from './request-body'

const MAX_BODY_BYTES = 64 * 1024
const DIRECTORY = { headers: { 'X-Data-Type': 'directory' } }

/** Serves hosted data; `path` is a data URI with or without its scheme. */
export async function handleDataRequest(ctx: Context, request: Request, url: URL, path: string): Promise<Response> {
  const target = parseDataUri(path)
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return read(ctx, request, url, target)
    case 'PUT':
      return upload(ctx, request, target)
    case 'POST':
      return create(ctx, request, target)
    case 'PATCH':
      return updateAcl(ctx, request, target)
    default:
      return remove(ctx, url, target)
  }
}

async function read(ctx: Context, request: Request, url: URL, target: DataPath): Promise<Response> {
  switch (target.kind) {
    case 'root': {
      const owners = await listOwners(ctx)
      return Response.json(withoutEmpty({ folders: owners.map(({ name }) => ({ name })) }), DIRECTORY)
    }
    case 'owner': {
      const { collections } = await listCollections(ctx, target)
      return Response.json(withoutEmpty({ folders: collections.map(({ name }) => ({ name })) }), DIRECTORY)
    }
    case 'collection':
      return readCollection(ctx, url, target)
    case 'file': {
      const response = await fileResponse(ctx, target, request)
      response.headers.set('X-Data-Type', 'file')
      return response
    }
  }
}

async function readCollection(ctx: Context, url: URL, target: { owner: string; collection: string }) {
  const marker = url.searchParams.get('marker') || undefined
  const { collection, files, nextMarker } = await listFiles(ctx, { ...target, marker })
  const listed = files.map(({ name, sizeBytes, updatedAt }) => ({
    filename: name,
    last_modified: updatedAt.toISOString(),
    size: sizeBytes,
  }))
  const body = {
    ...withoutEmpty({ files: listed }),
    ...(nextMarker && { marker: nextMarker }),
    ...(isTrue(url.searchParams.get('acl')) && { acl: toAcl(collection.readAccess) }),
  }
  return Response.json(body, DIRECTORY)
}

async function upload(ctx: Context, request: Request, target: DataPath): Promise<Response> {
  if (target.kind !== 'file') throw needs('PUT stores a file', 'data/OWNER/COLLECTION/FILE')
  const contentType = request.headers.get('content-type') ?? undefined
  const { uri } = await putFile(ctx, { ...target, contentType, body: bodyStream(request) })
  return Response.json({ result: uri })
}

const NewDirectory = z.object({ name: z.string(), acl: RequestedAcl.nullish() })

async function create(ctx: Context, request: Request, target: DataPath): Promise<Response> {
  if (target.kind !== 'owner') throw needs('POST makes a collection', 'data/OWNER')
  const { name, acl } = await readNewDirectory(request)
  try {
    const { uri } = await createCollection(ctx, { owner: target.owner, name, ...(acl && { readAccess: fromAcl(acl) }) })
    return Response.json({ result: uri })
  } catch (error) {
    // The clients know 400, not 409, for a collection that is there already.
    if (error instanceof AppError && error.code === 'conflict') return errorResponse(error, 400)
    throw error
  }
}

/** The JavaScript client 1.0 sends the bare name as text. */
async function readNewDirectory(request: Request): Promise<z.infer<typeof NewDirectory>> {
  const body = String(await readBody(request, MAX_BODY_BYTES, 'The request'))
  const type = request.headers.get('content-type') ?? ''
  if (!type.startsWith('application/json') && !body.trimStart().startsWith('{')) return { name: body }
  return parseJson(NewDirectory, body, '{"name":"COLLECTION","acl":{"read":["algo://.my/*"]}}')
}

const AclChange = z.object({ acl: RequestedAcl })

async function updateAcl(ctx: Context, request: Request, target: DataPath): Promise<Response> {
  if (target.kind !== 'collection') throw needs('PATCH changes the ACL of a collection', 'data/OWNER/COLLECTION')
  const body = String(await readBody(request, MAX_BODY_BYTES, 'The request'))
  const { acl } = parseJson(AclChange, body, '{"acl":{"read":["algo://.my/*"]}}')
  await updateReadAccess(ctx, { ...target, readAccess: fromAcl(acl) })
  return new Response(null, { status: 200 })
}

async function remove(ctx: Context, url: URL, target: DataPath): Promise<Response> {
  if (target.kind === 'file') {
    await deleteFile(ctx, target)
    return Response.json({ result: { deleted: 1 } })
  }
  if (target.kind !== 'collection') throw needs('DELETE removes a file or a collection', 'data/OWNER/COLLECTION[/FILE]')
  try {
    const { deletedFiles } = await deleteCollection(ctx, { ...target, force: isTrue(url.searchParams.get('force')) })
    // The clients expect 1 for an empty collection.
    return Response.json({ result: { deleted: Math.max(1, deletedFiles) } })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return errorBody({ message: error.message, deleted: 0 }, 409)
  }
}

function parseJson<T>(schema: z.ZodType<T>, body: string, example: string): T {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    throw new AppError('invalid_input', `The request is not JSON; send ${example}.`)
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  throw new AppError('invalid_input', `The request has not the fields that are needed; send ${example}.`)
}

/** The clients take a list that is there for one with entries. */
function withoutEmpty<T extends Record<string, unknown[]>>(lists: T): Partial<T> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<T>
}

function needs(what: string, path: string): AppError {
  return new AppError('invalid_input', `${what}: the path is /v1/${path}.`)
}
