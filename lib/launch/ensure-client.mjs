/** Generates the database client when it is missing or schema.prisma has changed, for commands that need no more than it. */
import { asLaunchError, describeFailure } from './entry/launch-error.mjs'
import { generateClient } from './entry/packages.mjs'

try {
  await generateClient()
} catch (error) {
  const failure = asLaunchError(error, 'Generating the database client failed.', 'Run `npm run generate`.')
  process.stderr.write(describeFailure(failure, 'The command could not start.'))
  process.exit(1)
}
