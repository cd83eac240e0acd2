/** `npm test`. Node's own modules only until the packages are installed; then lib/launch/testing takes over. */
import { asLaunchError, describeFailure } from './entry/launch-error.mjs'
import { arePackagesInstalled, generateClient, installPackages } from './entry/packages.mjs'
import { checkDisk, checkNode, checkPython } from './entry/requirements.mjs'
import { ROOT } from './entry/root.mjs'
import { say, step } from './entry/steps.mjs'
import { watchForStop } from './entry/stopping.mjs'

watchForStop()
try {
  await main()
} catch (error) {
  const failure = asLaunchError(
    error,
    'An unexpected failure.',
    'Run the command again; if it stays, please report it.',
  )
  process.stderr.write(describeFailure(failure, 'The tests could not run.'))
  say('0 passed, 1 failed')
  process.exit(1)
}

async function main() {
  checkNode()
  process.chdir(ROOT)
  checkPython()
  const isInstalling = !arePackagesInstalled()
  checkDisk({ folder: ROOT, isInstalling })
  if (isInstalling) await step('Installing packages (npm ci, about a minute)', installPackages)
  await step('Generating the database client', generateClient)
  const { register } = await import('tsx/esm/api')
  register()
  const { runAllTests } = await import('./testing/run-all-tests.ts')
  process.exit(await runAllTests())
}
