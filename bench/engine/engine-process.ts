import { startHost } from '@/lib/host/start'

/** An engine alone (HEADRACE_ROLE=engine), as a child of the benchmark; SIGTERM stops it in order. */
const host = startHost()
process.on('SIGTERM', () => void host.stop('the benchmark is over').then(() => process.exit(0)))
process.on('disconnect', () => process.exit(1))
await host.started
process.send?.('started')
