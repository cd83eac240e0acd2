import os from 'node:os'
import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'
import { createAlgorithm, makeGitKey, pushByHand } from './git'

/** Builds that fail, wait and are cancelled. */
const NAME = 'Workbench'
/** What runs at the same time; the others wait. */
const PLACES = os.availableParallelism()
/** A package whose installation takes longer than this journey; it needs none of the index. */
const SLOW_PACKAGE = {
  'requirements.txt': './slow\n',
  'slow/pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "slow"\nbackend-path = ["."]\n',
  'slow/slow.py': 'import time\ntime.sleep(600)\n',
}

test.describe.configure({ mode: 'serial', timeout: 180_000 })

let page: Page

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext()).newPage()
  await signIn(page)
  await createAlgorithm(page, NAME)
})

test.afterAll(() => page.context().close())

const logPanel = () => page.getByRole('region', { name: 'Build log' })

async function replaceSource(text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Source code editor' }).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

test('a syntax error fails the build, and the log says where it is', async () => {
  await page.goto(`${url()}/algorithms/admin/${NAME}/source`)
  await replaceSource('def apply(input)\n    return 1\n')
  // Build saves first.
  await page.getByRole('button', { name: 'Build', exact: true }).click()
  await expect(logPanel()).toContainText('SyntaxError', { timeout: 60_000 })
  await expect(logPanel()).toContainText(`${NAME}.py", line 1`)
  await expect(logPanel()).toContainText(/Build of \w+: Failed/)
  await expectAccessibleInBothSchemes(page)
  await page.goto(`${url()}/algorithms/admin/${NAME}/builds`)
  const row = page.getByRole('table', { name: 'Builds' }).getByRole('row').nth(1)
  await expect(row).toContainText('Failed')
  await row.getByRole('link').first().click()
  await expect(page.getByRole('alert').filter({ hasText: 'The algorithm can not be imported' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Cancel Build' })).toHaveCount(0)
  await expectAccessibleInBothSchemes(page)
})

test('the page of a failed build shows the end of its log, which says why', async () => {
  await page.goto(`${url()}/algorithms/admin/${NAME}/source`)
  await replaceSource('print("a line\\n" * 60)\nimport no_such_module\n')
  await page.getByRole('button', { name: 'Build', exact: true }).click()
  await expect(logPanel()).toContainText(/Build of \w+: Failed/, { timeout: 60_000 })
  await page.goto(`${url()}/algorithms/admin/${NAME}/builds`)
  await page.getByRole('table', { name: 'Builds' }).getByRole('row').nth(1).getByRole('link').first().click()
  await expect(logPanel()).toContainText("No module named 'no_such_module'")
  const hiddenBelow = () => logPanel().evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop)
  await expect.poll(hiddenBelow).toBeLessThan(2)
  await page.getByRole('button', { name: 'Show More' }).click()
  await expect(page.getByRole('button', { name: 'Show Less' })).toBeVisible()
  await expect.poll(hiddenBelow).toBeLessThan(2)
})

test('a package that does not exist fails the build by its name', async () => {
  await page.goto(`${url()}/algorithms/admin/${NAME}/source`)
  await page.getByRole('button', { name: 'Dependencies' }).click()
  const dialog = page.getByRole('dialog', { name: 'Dependencies' })
  await dialog.getByRole('textbox').click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText('six==0.0.0.dev999\n')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: /^Save/ }).click()
  await expect(dialog).toBeHidden()
  await page.getByRole('button', { name: 'Build', exact: true }).click()
  await expect(logPanel()).toContainText('six==0.0.0.dev999', { timeout: 60_000 })
  await expect(logPanel()).toContainText(/Build of \w+: Failed/, { timeout: 60_000 })
})

test('builds above the number of places wait, with their position, and can be cancelled', async () => {
  const commits = Array.from({ length: PLACES + 2 }, (_, number) => [
    `Number ${number}`,
    { ...SLOW_PACKAGE, 'number.txt': String(number) },
  ])
  pushByHand(NAME, await makeGitKey(page), Object.fromEntries(commits))
  await page.goto(`${url()}/algorithms/admin/${NAME}/builds`)
  const rows = page.getByRole('table', { name: 'Builds' }).getByRole('row')
  await expect(rows.filter({ hasText: 'In Progress' })).toHaveCount(PLACES)
  await expect(rows.filter({ hasText: 'Queued' })).toHaveCount(2)
  await expectAccessibleInBothSchemes(page)

  // Newest first: the last one waits behind the one before it.
  const [last, before] = [rows.nth(1), rows.nth(2)].map((row) => row.getByRole('link').first())
  const beforeUrl = await before?.getAttribute('href')
  await last?.click()
  await expect(page.getByText('number 2 in the queue')).toBeVisible()
  await expectAccessibleInBothSchemes(page)
  const second = await page.context().newPage()
  await second.goto(`${url()}${beforeUrl}`)
  await second.getByRole('button', { name: 'Cancel Build' }).click()
  await expect(second.getByText('Cancelled before it began.')).toBeVisible()
  await expect(second.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0)
  await expect(second.getByRole('region', { name: 'Build log' })).toHaveText('No lines.')
  await expect(second.getByRole('button', { name: 'Show More' })).toHaveCount(0)
  await expectAccessibleInBothSchemes(second)
  await second.close()
  await expect(page.getByText('number 1 in the queue')).toBeVisible()

  // The editor follows the newest one.
  await page.goto(`${url()}/algorithms/admin/${NAME}/source`)
  await expect(logPanel()).toContainText(/Queued, number 1 in the queue/)
  await expectAccessible(page)
  await logPanel().getByRole('button', { name: 'Cancel Build' }).click()
  await expect(logPanel()).toContainText(/Build of \w+: Cancelled/)

  await page.goto(`${url()}/algorithms/admin/${NAME}/builds`)
  for (let left = PLACES; left > 0; left--) {
    const running = rows.filter({ hasText: 'In Progress' })
    await expect(running).toHaveCount(left)
    await running.first().getByRole('link').first().click()
    await page.getByRole('button', { name: 'Cancel Build' }).click()
    await expect(page.getByText('The build was cancelled.').first()).toBeVisible()
    await page.goBack()
  }
})
