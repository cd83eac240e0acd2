import path from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { expectAccessibleInBothSchemes, signIn } from './console'
import { type Headrace, makeDataDirectory, removeDataDirectory, someFreePorts, startHeadrace } from './headrace'

/**
 * Where the system offers no sandbox: `npm run up` by a user without rights, in a container that denies user namespaces.
 * The container is bubblewrap's own.
 */
const CONTAINER = ['--unshare-user', '--uid', '1000', '--gid', '1000', '--disable-userns', '--dev-bind', '/', '/']

const START_TIMEOUT_MS = 300_000

test.describe.configure({ mode: 'serial' })

let data: string
let headrace: Headrace
let page: Page
let formerUrl: string | undefined
let formerPassword: string | undefined

test.beforeAll(async ({ browser }) => {
  test.setTimeout(START_TIMEOUT_MS)
  data = makeDataDirectory()
  const up = [process.execPath, path.resolve('lib/launch/up.mjs')]
  headrace = await startHeadrace({
    data,
    args: ['--empty', ...(await someFreePorts())],
    command: ['bwrap', ...CONTAINER, ...up],
  })
  formerUrl = process.env.E2E_URL
  formerPassword = process.env.E2E_PASSWORD
  process.env.E2E_URL = headrace.url
  process.env.E2E_PASSWORD = headrace.password
  page = await (await browser.newContext()).newPage()
  await signIn(page)
})

test.afterAll(async () => {
  process.env.E2E_URL = formerUrl
  process.env.E2E_PASSWORD = formerPassword
  await page?.context().close()
  await headrace?.stop()
  removeDataDirectory(data)
})

test('every page says that algorithms run without a sandbox, what that means and how to mend it', async () => {
  for (const address of ['/', '/algorithms', '/account', '/admin']) {
    await page.goto(headrace.url + address)
    const banner = page.getByRole('alert').filter({ hasText: 'Algorithms run without a sandbox.' })
    await expect(banner).toContainText('Run only code that you trust.')
    await expect(banner).toContainText(
      'bubblewrap can not make a sandbox here, because the kernel allows no more namespaces',
    )
    await expect(banner).toContainText(/To mend it: .*sysctl -w user\.max_user_namespaces=.*restart Headrace/)
  }
  await expectAccessibleInBothSchemes(page)
})

test('the dashboard shows the level, the reasons and what to do', async () => {
  const sandbox = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Sandbox' }) })
  await expect(sandbox).toContainText('Needs attention')
  await expect(sandbox).toContainText('None: algorithms can read and change what this server can')
  await expect(sandbox).toContainText('bubblewrap can not make a sandbox here')
  await expect(sandbox).toContainText(/What to do: .*restart Headrace/)
})

test('the editor says so too, and algorithms run nevertheless: only this machine reaches the console', async () => {
  await page.goto(`${headrace.url}/algorithms/new`)
  await page.getByLabel('Algorithm Name').fill('Trusted')
  await page.getByRole('button', { name: 'Create New Algorithm' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Web IDE' }).click()
  await expect(page.getByText('Algorithms run without a sandbox.')).toBeVisible()
  await page.getByRole('button', { name: 'Build', exact: true }).click()
  await expect(page.getByRole('log', { name: 'Console output' })).toContainText('is online', { timeout: 60_000 })
  const prompt = page.getByRole('textbox', { name: 'Console input' })
  await prompt.fill('"foo"')
  await prompt.press('Enter')
  await expect(page.getByRole('log', { name: 'Console output' })).toContainText('hello foo')
  await expectAccessibleInBothSchemes(page)
})
