/** `npm run up`. Node's own modules only until the packages are installed; then lib/launch/up.ts takes over. */
import { asLaunchError, describeFailure } from './entry/launch-error.mjs'
import { parseOptions, USAGE } from './entry/options.mjs'
import { arePackagesInstalled, generateClient, installPackages } from './entry/packages.mjs'
import { checkDisk, checkNode, checkPython } from './entry/requirements.mjs'
import { ROOT } from './entry/root.mjs'
import { say, step } from './entry/steps.mjs'
import { stopSignal, watchForStop } from './entry/stopping.mjs'

const startedAt = Date.now()
watchForStop()
try {
  await main()
} catch (error) {
  if (stopSignal.aborted) {
    say(`Stopped before it was up: ${stopSignal.reason}.`)
    process.exit(130)
  }
  const failure = asLaunchError(
    error,
    'An unexpected failure.',
    'Run the command again; if it stays, please report it.',
  )
  process.stderr.write(describeFailure(failure, 'Headrace did not start.'))
  process.exit(1)
}

async function main() {
  checkNode()
  const options = parseOptions(process.argv.slice(2))
  if (options.isHelp) {
    say(USAGE)
    process.exit(0)
  }
  process.chdir(ROOT)
  checkPython()
  const isInstalling = !arePackagesInstalled()
  checkDisk({ folder: ROOT, isInstalling })
  if (isInstalling) await step('Installing packages (npm ci, about a minute)', installPackages)
  await step('Generating the database client', generateClient)
  const { register } = await import('tsx/esm/api')
  register()
  const { up } = await import('./up.ts')
  process.exit(await up({ ...options, startedAt }))
}
