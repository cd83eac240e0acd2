import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Invocation } from '../port'
import { startProcess } from '../processes/spawn'
import { PATIENCE, startTestRuntime, type TestRuntime } from './test-runtime'

const WORD = 's3cret-of-the-server'

/** What the algorithm's own words settle: it says whether it won. */
const SAYS_ITSELF = [
  'read_server_secret_in_own_environment',
  'read_any_process_environment',
  'read_server_environment',
  'read_server_memory',
  'read_other_algorithm_file',
  'read_other_algorithm_file_by_link',
  'read_host_secrets',
  'read_host_devices',
  'see_other_workers',
  'see_host_file_system',
  'use_inherited_descriptors',
  'read_kernel_log',
  'trace_server',
  'read_memory_of_a_process',
  'take_descriptor_of_a_process',
  'fork_bomb',
  'thread_bomb',
  'memory_in_one_process',
  'fill_tmp',
  'fill_shared_memory',
  'fill_dev',
  'fill_root',
  'fill_run',
  'write_a_huge_file',
  'open_many_files',
  'raise_own_limits',
  'take_the_processor',
  'reach_server_port',
  'reach_unix_socket',
  'reach_abstract_socket',
  'reach_the_internet_directly',
  'ask_dns_directly',
  'reach_server_port_by_proxy',
  'reach_server_port_by_name',
  'reach_server_port_by_odd_address',
  'reach_cloud_metadata',
  'open_vsock',
  'open_raw_socket',
  'change_the_network',
  'make_user_namespace',
  'make_user_namespace_by_clone',
  'join_namespace',
  'mount_something',
  'make_root_writable',
  'change_root',
  'become_root',
  'use_a_setuid_program',
  'make_a_device',
  'write_kernel_settings',
  'leave_the_cgroup',
  'write_own_code',
  'replace_the_answer_pipe',
  'replace_the_gate',
  'type_into_a_terminal',
  'open_by_handle',
  'load_a_module',
  'set_the_clock',
  'rename_the_host',
  'use_kernel_interfaces',
  'make_setuid_program',
  'run_a_privileged_tool',
]

/** Memory that RLIMIT_DATA does not see: the cgroup or the watchdog ends the sandbox, or the call is refused. */
const ENDED_OR_REFUSED = [
  'memory_in_many_processes',
  'memory_shared_without_owner',
  'memory_in_memfd',
  'memory_in_sysv_segments',
]

/** What the levels differ in, or could: run again without cgroups. */
const ALSO_WITHOUT_CGROUPS = ['fork_bomb', 'thread_bomb', 'memory_in_one_process', 'fill_tmp', 'fill_shared_memory']

let test: TestRuntime
let decoy: Awaited<ReturnType<typeof startDecoy>>
let victimFile: string
let source: string

beforeAll(async () => {
  source = await readFile('lib/runtime/testing/hostile.py', 'utf8')
  test = await startTestRuntime()
  decoy = await startDecoy(test.interpreterPath)
  const victim = await test.addVersion({ 'src/Echo.py': '', 'secret.json': WORD })
  victimFile = path.join(test.dataDir, 'versions', victim.algorithmId, victim.commitSha, 'secret.json')
})
afterAll(async () => {
  await decoy.close()
  await test.close()
})

describe('a hostile algorithm', () => {
  it('meets a sandbox here', () => {
    expect(['strict', 'standard'], JSON.stringify(test.sandbox)).toContain(test.sandbox.level)
  })

  it.each(SAYS_ITSELF)('is held: %s', async (attempt) => {
    const said = answerOf(await attack(attempt))
    expect(said, said.detail).toMatchObject({ won: false })
  })

  it.each(ENDED_OR_REFUSED)('is held or ended: %s', async (attempt) => {
    const invocation = await attack(attempt)
    if (invocation.ok) expect(answerOf(invocation)).toMatchObject({ won: false })
    else expect(['out_of_memory', 'worker_exit']).toContain(invocation.error.kind)
  })

  it.each(['kill_server', 'kill_everything'])('does not harm the server: %s', async (attempt) => {
    await attack(attempt)
    expect(decoy.isAlive()).toBe(true)
  })

  it.each(['loop_for_ever', 'ignore_signals'])('is ended with its time: %s', async (attempt) => {
    const invocation = await attack(attempt, 1_000)
    expect(invocation).toMatchObject({ ok: false, error: { kind: 'timeout' } })
    await expect.poll(() => test.runtime.stats().workers, PATIENCE).toBe(0)
  })

  it('can not outlive its end', async () => {
    const version = await test.addVersion(source)
    await attack('outlive_its_end', 10_000, version)
    expect(processesNamed('headracedaemon')).toHaveLength(1)
    await test.runtime.drop(version.algorithmId)
    await expect.poll(() => processesNamed('headracedaemon'), PATIENCE).toEqual([])
  })

  it('can not fill the server’s memory with output or answers', async () => {
    const before = process.memoryUsage().rss
    const printed = await attack('flood_output')
    expect(printed).toMatchObject({ ok: true, isTruncated: true })
    expect(printed.stdout.length).toBeLessThan(2 * 1024 * 1024)
    expect(await attack('flood_answers')).toMatchObject({ ok: false, error: { kind: 'result_too_large' } })
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  })
})

describe('without cgroups', () => {
  let strict: TestRuntime

  beforeAll(async () => {
    strict = test
    test = await startTestRuntime({ highestLevel: 'standard' })
  })
  afterAll(async () => {
    await test.close()
    test = strict
  })

  it('the level is standard, with the reason', () => {
    expect(test.sandbox).toEqual({
      level: 'standard',
      reasons: ['Cgroups are switched off. Memory is watched by the server instead.'],
    })
  })

  it.each(ALSO_WITHOUT_CGROUPS)('a hostile algorithm is held: %s', async (attempt) => {
    expect(answerOf(await attack(attempt))).toMatchObject({ won: false })
  })

  it.each(ENDED_OR_REFUSED)('a hostile algorithm is held or ended: %s', async (attempt) => {
    const invocation = await attack(attempt)
    if (invocation.ok) expect(answerOf(invocation)).toMatchObject({ won: false })
    else expect(invocation.error.kind).toBe('out_of_memory')
  })
})

/** Each attempt has a worker of its own: one that was ended must not slow the next one down. */
async function attack(attempt: string, timeoutMs = 20_000, known?: Awaited<ReturnType<TestRuntime['addVersion']>>) {
  const version = known ?? (await test.addVersion(source))
  const targets = { ...decoy.targets, victim_file: victimFile }
  const bytes = Buffer.from(JSON.stringify({ attempt, targets }))
  const invocation = await test.runtime.invoke(version, { type: 'json', bytes }, { timeoutMs })
  if (!known) await test.runtime.drop(version.algorithmId)
  return invocation
}

function answerOf(invocation: Invocation): { won: boolean | null; detail: string } {
  if (!invocation.ok) throw new Error(`${JSON.stringify(invocation.error)} ${invocation.stderr}`)
  return JSON.parse(invocation.result.bytes.toString('utf8'))
}

async function startDecoy(interpreterPath: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'headrace-decoy-'))
  await chmod(folder, 0o755)
  const abstract = `headrace-decoy-${process.pid}`
  const child = startProcess({
    command: interpreterPath,
    args: [path.resolve('lib/runtime/testing/decoy.py'), folder, abstract],
    env: { DATABASE_PASSWORD: WORD },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data))))
  return {
    targets: {
      server_pid: child.pid,
      tcp_port: JSON.parse(line).port as number,
      unix_socket: path.join(folder, 'decoy.sock'),
      abstract_socket: abstract,
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    close: async () => {
      child.stdin?.end()
      await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(undefined)))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function processesNamed(name: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name
    } catch {
      return false // it has just ended
    }
  })
}
