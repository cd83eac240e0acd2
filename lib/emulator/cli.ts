import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { parseArgs } from 'node:util'
import { type BrokerConfig, ConfigError, parseConfig } from './config'
import { formatConnectionString } from './connection-string'
import { claimDirectory } from './data-directory'
import { DirectoryInUseError } from './directory-lock'
import { JournalDamagedError } from './journal/open-journal'
import { type BrokerOptions, startBroker } from './start-broker'

const USAGE = `An Azure Service Bus-compatible broker for queues.

  --data <dir>       where messages and keys are kept
  --memory           keep nothing (instead of --data)
  --port <n>         the one port for AMQP, TLS and HTTP; 0 takes a free one (default 5672)
  --host <address>   where to listen (default 127.0.0.1)
  --config <file>    Config.json of Microsoft's Service Bus emulator
  --faults           serve the fault switches under /$faults, without a key
  --no-sync          acknowledge before the disk has it
  --salvage          start in spite of a damaged journal, without what follows the damage
  --tls-cert <file>  --tls-key <file>   also serve TLS on the port
`

/** The queues of a broker without a configuration. */
const DEFAULT_CONFIG: BrokerConfig = {
  namespaceName: undefined,
  queues: [
    { name: 'my-queue', properties: {} },
    { name: 'demo-queue', properties: { maxDeliveryCount: 3 } },
  ],
  topics: [],
  ignored: [],
}

function log(message: string): void {
  process.stderr.write(`${new Date().toISOString()} broker: ${message}\n`)
}

function fail(message: string): never {
  process.stderr.write(`broker: ${message}\n`)
  process.exit(1)
}

function readOptions(): BrokerOptions {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      memory: { type: 'boolean', default: false },
      port: { type: 'string', default: '5672' },
      host: { type: 'string', default: '127.0.0.1' },
      config: { type: 'string' },
      'no-sync': { type: 'boolean', default: false },
      faults: { type: 'boolean', default: false },
      salvage: { type: 'boolean', default: false },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const empty = Object.entries(values).find(([, value]) => value === '')
  if (empty) throw new ConfigError(`--${empty[0]} is empty. Give it a value, or leave it out.`)
  if ((values.data === undefined) === !values.memory) throw new ConfigError('Give either --data <dir> or --memory.')
  const port = /^\d+$/.test(values.port) ? Number(values.port) : Number.NaN
  if (!(port <= 65_535)) throw new ConfigError(`--port ${values.port} is no port.`)
  return {
    host: values.host,
    port,
    dataDirectory: values.memory ? undefined : values.data,
    config: values.config ? readConfig(values.config) : DEFAULT_CONFIG,
    sync: !values['no-sync'],
    salvage: values.salvage,
    faults: values.faults,
    tls: readTls(values['tls-cert'], values['tls-key']),
    log,
    onFailure: (error) => fail(`the data directory can not be written: ${error.message}. The broker stops.`),
  }
}

function readConfig(path: string): BrokerConfig {
  const config = parseConfig(readText(path, '--config'))
  for (const topic of config.topics) log(`topic ${topic}: topics are not served yet`)
  for (const entry of config.ignored) log(`${entry} is not served and was left out`)
  return config
}

function readTls(certFile: string | undefined, keyFile: string | undefined): BrokerOptions['tls'] {
  if (!certFile && !keyFile) return undefined
  if (!certFile || !keyFile) throw new ConfigError('--tls-cert and --tls-key belong together.')
  const tls = { cert: readText(certFile, '--tls-cert'), key: readText(keyFile, '--tls-key') }
  try {
    createSecureContext(tls)
  } catch (error) {
    throw new ConfigError(
      `${certFile} and ${keyFile} are no certificate with its key, in PEM: ${(error as Error).message}.`,
    )
  }
  return tls
}

function readText(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(`The file of ${option} can not be read: ${(error as Error).message}.`)
  }
}

const OTHER_PORT = 'choose another with --port.'

/** Errors whose text is already meant for the one who starts the broker. */
const FOR_THE_OPERATOR = [ConfigError, DirectoryInUseError, JournalDamagedError]

function describeError(error: unknown, options: BrokerOptions | undefined): string {
  const { code, message, syscall } = error as NodeJS.ErrnoException
  if (FOR_THE_OPERATOR.some((kind) => error instanceof kind)) return message
  const place = `${options?.host}:${options?.port}`
  if (code === 'EADDRINUSE')
    return `Port ${options?.port} on ${options?.host} is taken. Stop what uses it, or ${OTHER_PORT}`
  if (syscall === 'listen' && code === 'EACCES') return `Listening on ${place} is not permitted: ${OTHER_PORT}`
  if (code === 'EADDRNOTAVAIL' || syscall === 'getaddrinfo') {
    return `${options?.host} is no address of this machine. Choose another with --host.`
  }
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${message} --help tells what there is.`
  return `could not start: ${message}`
}

async function main(): Promise<void> {
  let options: BrokerOptions | undefined
  // From the first moment on: a request to stop may come while the journal is read.
  const stopping = stopOnRequest()
  try {
    options = readOptions()
    if (options.dataDirectory) await claimDirectory(options.dataDirectory)
    const broker = await startBroker(options)
    stopping.close = () => broker.close()
    if (stopping.requested) return await stopping.stop()
    const connectionString = formatConnectionString(options.host, broker.port, broker.rootKey)
    process.stdout.write(`${JSON.stringify({ event: 'ready', port: broker.port, connectionString })}\n`)
  } catch (error) {
    fail(describeError(error, options))
  }
}

/** SIGTERM, SIGINT, or the death of a parent that holds an IPC channel. */
function stopOnRequest() {
  const stopping = {
    requested: false,
    /** Set once there is something to close. */
    close: undefined as (() => Promise<void>) | undefined,
    async stop(): Promise<void> {
      await stopping.close?.()
      process.exit(0)
    },
  }
  const request = () => {
    if (stopping.requested) return
    stopping.requested = true
    if (stopping.close) void stopping.stop()
  }
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(event, request)
  return stopping
}

void main()
