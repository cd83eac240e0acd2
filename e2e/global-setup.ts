import { makeDataDirectory, removeDataDirectory, someFreePorts, startHeadrace } from './headrace'

/**
 * One fresh `npm run up -- --empty` for all journeys; where it is, they find in the environment. While working on a
 * journey, set the three variables yourself to use one that runs.
 */
export default async function globalSetup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.E2E_URL) return undefined
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
