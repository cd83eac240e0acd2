import { putFile } from '@/lib/data/commands/put-file'
import { downloadResponse } from '@/lib/data/file-response'
import { FilePath } from '@/lib/data/schema'
import { notFound } from '@/lib/errors'
import { bodyStream } from '@/lib/v1/request-body'
import { keepLength } from '@/lib/web/content-length'
import { sessionRoute } from '@/lib/web/route'

type Params = { owner: string; collection: string; file: string }

/** Downloads a file; with `?inline=1` an image is shown in place. */
export const GET = sessionRoute<Params>(async (ctx, request, params) =>
  keepLength(await downloadResponse(ctx, filePathOf(request, params), request)),
)

/** Stores the request's body as a file: big ones stream, which a server action could not. */
export const PUT = sessionRoute<Params>(async (ctx, request, params) => {
  const contentType = request.headers.get('content-type') ?? undefined
  const { uri, sizeBytes } = await putFile(ctx, {
    ...filePathOf(request, params),
    contentType,
    body: bodyStream(request),
  })
  return Response.json({ uri, sizeBytes })
})

/** The file's name as it stands in the URL: what is decoded once must not be decoded twice. */
function filePathOf(request: Request, { owner, collection }: Params): FilePath {
  const { pathname } = new URL(request.url)
  return FilePath.parse({ owner, collection, file: decoded(pathname.slice(pathname.lastIndexOf('/') + 1)) })
}

/** Half of an encoded character names no file. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    throw notFound('file', name)
  }
}
