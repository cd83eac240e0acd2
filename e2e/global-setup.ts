import { makeDataDirectory, removeDataDirectory, someFreePorts, startHeadrace } from './headrace'

/** One fresh `npm run up -- --empty` for all journeys; where it is, they find in the environment. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const data = makeDataDirectory()
  const headrace = await startHeadrace({ data, args: ['--empty', ...(await someFreePorts())] })
  process.env.E2E_URL = headrace.url
  process.env.E2E_PASSWORD = headrace.password
  process.env.E2E_CONNECTION_STRING = headrace.connectionString
  return async () => {
    await headrace.stop()
    removeDataDirectory(data)
  }
}
