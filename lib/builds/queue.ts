import { availableParallelism } from 'node:os'
import { publishLive } from '@/lib/live/bus'
import { componentLogger } from '@/lib/logger'
import { leaveEnvironments } from '@/lib/package-environments/commands/leave-environment'
import { claimBuild, failAbandonedBuilds, newBuilderId, renewClaims, tellWaitingBuilds } from './claims'
import { runBuild } from './run-build'

/** One build a core: more would only slow each other and the algorithms that run beside them. */
const MAX_BUILDS = availableParallelism()
/** How often a process says that its builds live, and looks for what others queued, cancelled or left behind. */
const TICK_MS = 2_000

type RunningBuild = { done: Promise<void>; abort: AbortController }
type BuildQueue = {
  builderId: string
  running: Map<string, RunningBuild>
  /** Claims run one after the other. */
  taking: Promise<void>
  timer: NodeJS.Timeout | undefined
  /** The last tick; ticks do not overlap. */
  ticking: Promise<void> | undefined
  isOpen: boolean
  isClosed: boolean
}

const log = componentLogger('builds')

// Next bundles this module more than once; the queue is one a process. What waits is in the database.
const shared = globalThis as unknown as { headraceBuilds?: BuildQueue }

function queue(): BuildQueue {
  shared.headraceBuilds ??= newQueue(false)
  return shared.headraceBuilds
}

function newQueue(isOpen: boolean): BuildQueue {
  const taking = Promise.resolve()
  const state = { running: new Map(), taking, timer: undefined, ticking: undefined, isOpen, isClosed: false }
  return { builderId: newBuilderId(), ...state }
}

/** Looks for queued builds, now that there may be one. */
export function enqueueBuild(): void {
  const current = queue()
  current.taking = current.taking.then(() => takeBuilds(current))
}

/** Ends a build that runs in this process; another process sees the wish in the database. */
export function abortBuild(buildId: string): void {
  queue().running.get(buildId)?.abort.abort()
}

/** Waits until this process has nothing to build any more. */
export async function whenBuildsAreDone(): Promise<void> {
  const current = queue()
  await current.taking
  while (current.running.size > 0) {
    await Promise.all([...current.running.values()].map(({ done }) => done))
    await current.taking
  }
}

/** Begins to build what is queued, by whomever; and to look after what other processes leave behind. */
export function openBuilds(): void {
  shared.headraceBuilds = newQueue(true)
  keepTicking(shared.headraceBuilds)
  void tick(shared.headraceBuilds)
}

/** Takes no more builds, ends those that run (they are queued again), and waits for them. Idempotent. */
export async function closeBuilds(): Promise<void> {
  const current = queue()
  current.isClosed = true
  for (const { abort } of current.running.values()) abort.abort()
  await whenBuildsAreDone()
  clearInterval(current.timer)
  await current.ticking
}

async function takeBuilds(current: BuildQueue): Promise<void> {
  try {
    while (!current.isClosed && current.running.size < MAX_BUILDS) {
      const buildId = await claimBuild(current.builderId)
      if (!buildId) return
      startBuild(current, buildId)
      await tellWaitingBuilds()
    }
  } catch (error) {
    log.warn({ err: error }, 'the queue of builds can not be read now')
  }
}

function startBuild(current: BuildQueue, buildId: string): void {
  const abort = new AbortController()
  // A stop that began while the claim was under way.
  if (current.isClosed) abort.abort()
  const claim = { buildId, builderId: current.builderId, isStopping: () => current.isClosed }
  const done = runBuild(claim, abort.signal)
    .catch((error: unknown) => log.error({ err: error, buildId }, 'a build could not be recorded'))
    .finally(() => {
      current.running.delete(buildId)
      if (current.running.size === 0 && !current.isOpen) stopTicking(current)
      if (!current.isClosed) current.taking = current.taking.then(() => takeBuilds(current))
    })
  current.running.set(buildId, { done, abort })
  keepTicking(current)
}

function keepTicking(current: BuildQueue): void {
  current.timer ??= setInterval(() => void tick(current), TICK_MS)
  current.timer.unref()
}

function stopTicking(current: BuildQueue): void {
  clearInterval(current.timer)
  current.timer = undefined
}

function tick(current: BuildQueue): Promise<void> {
  current.ticking ??= lookAround(current)
    .catch((error: unknown) => log.warn({ err: error }, 'the builds can not be looked after now'))
    .finally(() => {
      current.ticking = undefined
    })
  return current.ticking
}

async function lookAround(current: BuildQueue): Promise<void> {
  const mine = [...current.running.keys()]
  const kept = await renewClaims(current.builderId, mine)
  for (const buildId of mine) {
    // Cancelled elsewhere; or this process was silent for so long that it was given up.
    if (kept.get(buildId) !== 'building') current.running.get(buildId)?.abort.abort()
  }
  if (!current.isOpen || current.isClosed) return
  const abandoned = await failAbandonedBuilds()
  await leaveEnvironments(abandoned.map(({ id }) => id))
  for (const build of abandoned) {
    log.warn({ buildId: build.id }, 'a build was left behind by a server that stopped')
    publishLive(`build:${build.id}`, `algorithm:${build.algorithmId}`)
  }
  enqueueBuild()
}
