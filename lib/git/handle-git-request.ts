import { randomUUID } from 'node:crypto'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { readHead, repositoryOf } from '@/lib/algorithms/source/repository'
import { AppError, HTTP_STATUS } from '@/lib/errors'
import { componentLogger } from '@/lib/logger'
import { discardBody } from '@/lib/v1/request-body'
import { authenticateGit, findRepository, type GitService } from './access'
import { answerWithCgi } from './cgi'
import { recordPush } from './commands/record-push'
import { isGitInstalled } from './git-process'
import { MAX_GIT_PROCESSES } from './limits'

const log = componentLogger('git')

let running = 0

/**
 * Answers `git clone`, `fetch` and `push` over HTTP: `/git/OWNER/NAME.git/…`. Git itself speaks the protocol; here is
 * decided who may, and what follows a push. Never throws.
 */
export async function handleGitRequest(request: Request): Promise<Response> {
  try {
    return await answer(request)
  } catch (error) {
    await discardBody(request)
    return refuse(error)
  }
}

async function answer(request: Request): Promise<Response> {
  const wanted = parseRequest(request)
  const ctx = await authenticateGit(request.headers.get('authorization'))
  if (!isGitInstalled()) {
    throw new AppError('unavailable', 'Git is not installed on this server: an administrator must install it first.')
  }
  const algorithm = await findRepository(ctx, wanted.path, wanted.service)
  const leavePlace = takePlace()
  try {
    const repository = repositoryOf(algorithm.id)
    const headBefore = await readHead(repository)
    const response = await answerWithCgi({
      request,
      variables: {
        GIT_PROJECT_ROOT: repository.gitdir,
        PATH_INFO: wanted.action,
        REMOTE_USER: ctx.actor.name,
        REMOTE_ADDR: '127.0.0.1',
      },
      onSuccess: async () => {
        if (wanted.action !== '/git-receive-pack') return
        const head = await readHead(repository)
        if (head && head !== headBefore) await recordPush(ctx, wanted.path, headBefore, head)
      },
      onEnd: leavePlace,
    })
    response.headers.set('Cache-Control', 'no-store')
    return response
  } catch (error) {
    leavePlace()
    throw error
  }
}

/** One of the places for Git's processes, or `unavailable`; what it returns gives the place back, once. */
function takePlace(): () => void {
  if (running >= MAX_GIT_PROCESSES) {
    throw new AppError('unavailable', 'Too many clones and pushes are under way; try again in a moment.')
  }
  running += 1
  let isTaken = true
  return () => {
    if (isTaken) running -= 1
    isTaken = false
  }
}

type Wanted = { path: AlgorithmPath; service: GitService; action: string }

/** The three addresses of Git's smart protocol; nothing else of a repository is served. */
function parseRequest(request: Request): Wanted {
  const url = new URL(request.url)
  const match = /^\/git\/([^/]+)\/([^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/.exec(
    decodeURIComponent(url.pathname),
  )
  const [, owner, name, action] = match ?? []
  const service = action === '/info/refs' ? url.searchParams.get('service') : action?.slice(1)
  const isKnown = service === 'git-upload-pack' || service === 'git-receive-pack'
  if (!owner || !name || !action || !isKnown || (request.method === 'GET') !== (action === '/info/refs')) {
    throw new AppError('not_found', 'There is no such repository here. Addresses look like /git/OWNER/NAME.git.')
  }
  return { path: { owner, name }, service, action }
}

/** Plain text: Git shows it to the person. */
function refuse(error: unknown): Response {
  const headers = new Headers({ 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  if (!(error instanceof AppError)) {
    const id = randomUUID()
    log.error({ err: error, errorId: id }, 'a Git request failed')
    return new Response(`The server failed; its log has more under ${id}.\n`, { status: 500, headers })
  }
  if (error.code === 'unauthenticated') {
    headers.set('WWW-Authenticate', 'Basic realm="Headrace: an API key as the password", charset="UTF-8"')
    const text = 'Give an API key of yours as the password; any user name does.\n'
    return new Response(text, { status: 401, headers })
  }
  return new Response(`${error.message}\n`, { status: HTTP_STATUS[error.code], headers })
}
