import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'
import { createAlgorithm } from './git'

/** What an administrator allows all algorithms, and what an owner chooses within it. */
const NAME = 'Modest'
const USUAL_MAXIMUM = '2048'

test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext()).newPage()
  await signIn(page)
})

test.afterAll(async () => {
  await page.goto(`${url()}/admin/settings`)
  await page.getByLabel('Memory (MiB)').fill(USUAL_MAXIMUM)
  await page.getByLabel('Allow-list, one a line').fill('')
  await page.getByRole('button', { name: 'Save Settings' }).click()
  await expect(page.getByText('Settings saved')).toBeVisible()
  await page.context().close()
})

test('the dashboard says how algorithms are kept apart', async () => {
  await page.goto(`${url()}/admin`)
  const sandbox = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Sandbox' }) })
  await expect(sandbox).toContainText(/Strict|Standard/)
  await expect(sandbox).toContainText(/Workers: \d+/)
  await expectAccessibleInBothSchemes(page)
})

test('an administrator is told at its field what is wrong, and sets maxima and private destinations', async () => {
  await page.getByRole('link', { name: 'Settings' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  await expectAccessibleInBothSchemes(page)
  const memory = page.getByLabel('Memory (MiB)')
  const allowList = page.getByLabel('Allow-list, one a line')
  await memory.fill('1')
  await allowList.fill('db.example.com\nhttp://not-a-host/')
  await page.getByLabel('Warm workers of a version').fill('')
  await page.getByRole('button', { name: 'Save Settings' }).click()
  await expect(memory).toHaveAccessibleDescription(/At least 96\./)
  await expect(allowList).toHaveAccessibleDescription(/“http:\/\/not-a-host\/” is neither a host/)
  await expect(page.getByLabel('Warm workers of a version')).toHaveAccessibleDescription(/Give a whole number/)
  await expectAccessibleInBothSchemes(page)

  await memory.fill('256')
  await allowList.fill('db.example.com\n10.0.0.0/8:5432')
  await page.getByLabel('Warm workers of a version').fill('2')
  await page.getByRole('button', { name: 'Save Settings' }).click()
  await expect(page.getByText('Settings saved')).toBeVisible()
  await page.reload()
  await expect(memory).toHaveValue('256')
  await expect(allowList).toHaveValue('db.example.com\n10.0.0.0/8:5432')
})

test('an owner sets limits within the maxima', async () => {
  await createAlgorithm(page, NAME)
  await page.goto(`${url()}/algorithms/admin/${NAME}/settings`)
  const memory = page.getByLabel('Memory (MiB)')
  await expect(memory).toHaveAccessibleDescription(/At most 256\./)
  await expect(memory).toHaveAttribute('placeholder', '256')
  await memory.fill('300')
  await page.getByRole('button', { name: 'Save Limits' }).click()
  await expect(memory).toHaveAccessibleDescription(/At most 256: an administrator set this maximum\./)
  await expectAccessibleInBothSchemes(page)
  await memory.fill('128')
  await page.getByLabel('Time (seconds)').fill('5')
  await page.getByRole('button', { name: 'Save Limits' }).click()
  await expect(page.getByText('Limits saved')).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  await expectAccessible(page)
  await page.setViewportSize({ width: 1360, height: 900 })
  await page.reload()
  await expect(memory).toHaveValue('128')
  await expect(page.getByLabel('Open files (per process)')).toHaveValue('')
})
