import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'

/** What an administrator does with environments. */
test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext()
  page = await context.newPage()
  await signIn(page)
})

test.afterAll(() => page.context().close())

test('an administrator renames and withdraws environments', async () => {
  await page.getByRole('button', { name: 'Admin', exact: true }).click()
  await page.getByRole('link', { name: 'Environments' }).click()
  const table = page.getByRole('table', { name: 'Environments' })
  await expect(table).toContainText(/3\.\d+\.\d+/)
  await expect(page.getByRole('heading', { name: 'Installed packages' })).toBeVisible()
  await expectAccessibleInBothSchemes(page)

  const node = table.getByRole('row').filter({ hasText: 'Node.js' }).first()
  await node.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('JavaScript of the house')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Rename' }).click()
  const renamed = table.getByRole('row').filter({ hasText: 'JavaScript of the house' })
  await renamed.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Do not offer' }).click()
  await expect(renamed).toContainText('Not offered')
  await page.goto(`${url()}/algorithms/new`)
  await expect(page.getByLabel('Environment', { exact: true })).not.toContainText('JavaScript of the house')

  await page.goto(`${url()}/admin/environments`)
  await renamed.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Offer', exact: true }).click()
  await expect(renamed).toContainText('Offered')
  await page.getByRole('button', { name: 'Look again' }).click()
  await expect(page.getByText(/runtimes? w(as|ere) found/)).toBeVisible()
  await expectAccessible(page)
  // Where interpreters were passed over, a window says which.
  await page.keyboard.press('Escape')
  await expect(renamed).toBeVisible()
})

test('an administrator chooses the environment that new algorithms begin with', async () => {
  const rows = page.getByRole('table', { name: 'Environments' }).getByRole('row')
  const makeDefault = async (name: string) => {
    const row = rows.filter({ hasText: name }).first()
    await row.getByRole('button', { name: /^Actions for/ }).click()
    await expect(page.getByRole('menu')).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('menuitem', { name: 'Make default' }).click()
    await expect(rows.nth(1)).toContainText(name)
    await expect(rows.nth(1)).toContainText('Default')
  }
  await makeDefault('JavaScript of the house')
  await page.setViewportSize({ width: 390, height: 844 })
  await expectAccessible(page)
  await page.setViewportSize({ width: 1360, height: 900 })
  await page.goto(`${url()}/algorithms/new`)
  const chosen = page.getByLabel('Environment', { exact: true }).locator('option:checked')
  await expect(chosen).toContainText('JavaScript of the house')
  await page.goto(`${url()}/admin/environments`)
  await makeDefault('Python 3')
})
