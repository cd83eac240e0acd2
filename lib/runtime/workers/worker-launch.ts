import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Language } from '@/lib/generated/prisma/enums'
import type { Logger } from '@/lib/logger'
import { type Gate, openGate } from '../gate/gate'
import type { HarnessCopy } from '../harness-copy'
import { MIB } from '../limits'
import type { RunnableVersion, WorkerApi } from '../port'
import type { Mount, Sandbox, SandboxProcess } from '../sandbox/sandbox'
import { makePrivateFolder, releaseWorkerUser, takeWorkerUser } from '../sandbox/worker-identity'
import { type AnswerPipe, openAnswerPipe } from './answer-pipe'
import type { PipeStock } from './pipe-stock'
import { planEgress } from './plan-egress'
import { openTicketPipe, type TicketPipe } from './ticket-pipe'
import { workerEnvironment } from './worker-environment'

/** What all workers of one runtime have in common. */
export type WorkerHost = {
  sandbox: Sandbox
  api: WorkerApi
  harness: HarnessCopy
  pipes: PipeStock
  versionsDir: string
  environmentsDir: string
  runDir: string
  /** `host:port` pairs that algorithms may reach wherever they are. */
  allowedEgress: string[]
  /** The administrator's allow-list (gate/allow-list.ts), for workers that start from now on. */
  egressAllowList: string[]
  logger: Logger
}

/** A started process with its channel and its ways out. */
export type LaunchedWorker = {
  process: SandboxProcess
  tickets: TicketPipe
  /** Removes what the worker had on the host, once its process has ended. */
  cleanUp(): Promise<void>
}

type LaunchListener = {
  /** Bytes of the answer pipe; valid until it returns. */
  onAnswerBytes: (chunk: Buffer) => void
  /** One line for each connection that the gate refused. */
  onRefused: (line: string) => void
}

/** Inside paths, the same for every worker. The algorithm's folder is where Algorithmia had it. */
const INSIDE = {
  algorithm: '/opt/algorithm',
  environment: '/env',
  harness: '/runner',
  answers: '/tmp/algoout',
  tickets: '/tmp/algotickets',
  gate: '/run/headrace/gate.sock',
  tunnel: (index: number) => `/run/headrace/tunnel${index}.sock`,
} as const

const NODE_MODULES_INSIDE = '/opt/node_modules'

/**
 * Starts a worker's process. Throws when the host can not (no space, no descriptors); what it made is removed.
 * @param outputMark what its harness writes between calls (output-marks.ts)
 */
export async function launchWorker(
  host: WorkerHost,
  version: RunnableVersion,
  outputMark: string,
  { onAnswerBytes, onRefused }: LaunchListener,
): Promise<LaunchedWorker> {
  if (version.language === 'python') void host.harness.compileFor(version.interpreterPath)
  const secrets = await version.readSecrets()
  const uid = takeWorkerUser()
  const runDirectory = await makePrivateFolder(path.join(host.runDir, 'w-'), uid).catch((error) => {
    releaseWorkerUser(uid)
    throw error
  })
  const opened: { gate?: Gate; answers?: AnswerPipe; tickets?: TicketPipe } = {}
  const cleanUp = async () => {
    opened.answers?.close()
    opened.tickets?.close()
    await opened.gate?.close()
    await rm(runDirectory, { recursive: true, force: true })
    releaseWorkerUser(uid)
  }
  try {
    const egress = planEgress(version, secrets, host)
    const api = (request: Request) => host.api(request, version)
    const { rules, tunnels } = egress
    const pipeAt = (name: string) => path.join(runDirectory, name)
    opened.answers = await openAnswerPipe(host.pipes, pipeAt('answers'), uid, onAnswerBytes)
    opened.tickets = await openTicketPipe(host.pipes, pipeAt('tickets'), uid)
    opened.gate = await openGate({ directory: runDirectory, rules, api, tunnels, onRefused })
    const pipes = { answers: opened.answers.path, tickets: opened.tickets.path }
    const mounts = workerMounts(host, version, pipes, opened.gate)
    const inside = (name: keyof typeof mounts.named) => host.sandbox.locate(mounts.named[name])
    const process = await host.sandbox.start({
      argv: workerCommand(version, inside('harness'), version.environmentKey ? inside('environment') : undefined),
      workingDirectory: inside('algorithm'),
      environment: workerEnvironment(host.sandbox.report.level, secrets, {
        answers: inside('answers'),
        tickets: inside('tickets'),
        outputMark,
        gate: inside('gate'),
        environment: version.environmentKey ? inside('environment') : undefined,
        relays: egress.listens.map((listen, index) => ({ listen, socketPath: INSIDE.tunnel(index) })),
      }),
      readOnly: mounts.readOnly,
      writable: mounts.writable,
      interpreterPath: version.interpreterPath,
      limits: version.limits,
      uid,
      runDirectory,
      hosts: egress.hosts,
    })
    return { process, tickets: opened.tickets, cleanUp }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

function workerMounts(
  host: WorkerHost,
  version: RunnableVersion,
  pipes: { answers: string; tickets: string },
  gate: Gate,
) {
  const named = {
    algorithm: {
      host: path.join(host.versionsDir, version.algorithmId, version.commitSha),
      inside: INSIDE.algorithm,
    },
    environment: { host: path.join(host.environmentsDir, version.environmentKey ?? ''), inside: INSIDE.environment },
    harness: { host: path.join(host.harness.directory, version.language), inside: INSIDE.harness },
    answers: { host: pipes.answers, inside: INSIDE.answers },
    tickets: { host: pipes.tickets, inside: INSIDE.tickets },
    gate: { host: gate.socketPath, inside: INSIDE.gate },
  } satisfies Record<string, Mount>
  const tunnels = gate.tunnelPaths.map((socket, index) => ({ host: socket, inside: INSIDE.tunnel(index) }))
  return {
    named,
    readOnly: [
      named.algorithm,
      named.harness,
      ...environmentMounts(version.language, version.environmentKey ? named.environment : undefined),
    ],
    writable: [named.answers, named.tickets, named.gate, ...tunnels],
  }
}

/** Node looks for packages in the folders above the source; Python is told where they are. */
export function environmentMounts(language: Language, environment: Mount | undefined): Mount[] {
  if (!environment) return []
  if (language === 'python') return [environment]
  return [environment, { host: path.join(environment.host, 'node_modules'), inside: NODE_MODULES_INSIDE }]
}

function workerCommand(version: RunnableVersion, harness: string, environment: string | undefined): string[] {
  const name = version.algorithmName.slice(version.algorithmName.lastIndexOf('/') + 1)
  if (version.language === 'node') {
    const heapMb = Math.floor(version.limits.memoryBytes / 2 / MIB)
    return [version.interpreterPath, `--max-old-space-size=${heapMb}`, path.join(harness, 'start.mjs'), name]
  }
  const interpreter = environment ? path.join(environment, 'bin/python') : version.interpreterPath
  return [interpreter, path.join(harness, 'start.py'), name]
}
