import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds: from a warm worker's answer to a run that takes as long as it may. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900]
const WRITE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200]

const FLOW = ['flow', 'queue'] as const

// Next bundles this module more than once; all count in one registry.
const shared = globalThis as unknown as { headraceMetrics?: ReturnType<typeof createMetrics> }

/** The process's metrics. Their names are documented in docs/operations.md; keep the two together. */
export function metrics(): ReturnType<typeof createMetrics> {
  shared.headraceMetrics ??= createMetrics()
  return shared.headraceMetrics
}

/** Everything in the text format of Prometheus. The process's own figures are gathered from the first call on. */
export async function renderMetrics(): Promise<{ contentType: string; text: string }> {
  const { registry, hasDefaults } = metrics()
  if (!hasDefaults.value) collectDefaultMetrics({ register: registry })
  hasDefaults.value = true
  return { contentType: registry.contentType, text: await registry.metrics() }
}

function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name: `headrace_${name}`, help, labelNames: [...labelNames], registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name: `headrace_${name}`, help, labelNames: [...labelNames], registers })
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: readonly L[] = []) =>
    new Histogram<L>({ name: `headrace_${name}`, help, buckets, labelNames: [...labelNames], registers })
  return {
    registry,
    hasDefaults: { value: false },
    deliveries: counter('deliveries_total', 'Messages received, each delivery counted.', FLOW),
    settlements: counter('settlements_total', 'Deliveries by how they were settled.', [...FLOW, 'settlement']),
    runs: counter('runs_total', 'Runs for deliveries, by outcome.', [...FLOW, 'outcome']),
    runSeconds: histogram('run_duration_seconds', 'Time of a run, without the wait for a worker.', DURATION_BUCKETS),
    deliverySeconds: histogram('delivery_duration_seconds', 'From receipt to settlement.', DURATION_BUCKETS),
    inFlight: gauge(
      'in_flight',
      'Deliveries in hand; recording ones are settled next, held ones wait for their back-off.',
      [...FLOW, 'stage'],
    ),
    consumers: gauge('consumers', 'Event flows of this engine by state.', ['state']),
    lockRenewals: counter('lock_renewals_total', 'Renewals of message and session locks.', ['result']),
    locksLost: counter('locks_lost_total', 'Locks that ended while their message was in work.'),
    reconnects: counter('reconnects_total', 'Times that the link to a queue was found down.', FLOW),
    ledgerBatchSize: histogram('ledger_batch_size', 'Items that one ledger statement took along.', BATCH_BUCKETS, [
      'kind',
    ]),
    ledgerSeconds: histogram('ledger_write_seconds', 'Time of a ledger batch, retries included.', WRITE_BUCKETS, [
      'kind',
    ]),
    databaseAway: gauge('database_away', '1 while the database does not answer the engine.'),
    leases: gauge('leases', 'Event flows that this engine has.'),
    leasesTaken: counter('leases_taken_total', 'Event flows that this engine took.'),
    leasesGiven: counter('leases_given_total', 'Event flows that this engine drained and gave away.'),
    leaseLapses: counter(
      'lease_lapses_total',
      'Times that no heartbeat reached the database for as long as a lease lasts.',
    ),
    leaseLosses: counter('lease_losses_total', 'Times that other engines took this one for dead.'),
    workers: gauge('workers', 'Worker processes.', ['state']),
    workerStarts: counter('worker_starts_total', 'Worker processes started.'),
    workerEnds: counter('worker_ends_total', 'Worker processes ended, by reason.', ['reason']),
    workerMemory: gauge('worker_memory_bytes', 'Memory of all worker processes.'),
    builds: counter('builds_total', 'Builds of this process by result.', ['result']),
    buildSeconds: histogram('build_duration_seconds', 'Time of a build.', [1, 2.5, 5, 10, 30, 60, 120, 300, 600]),
  }
}
