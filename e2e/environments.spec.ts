import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'

/** What an administrator does with environments, and a developer with Git. */
const NAME = 'Versioned'

test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext()
  page = await context.newPage()
  await signIn(page)
})

test.afterAll(() => page.context().close())

test('an administrator renames, orders and withdraws environments', async () => {
  await page.getByRole('button', { name: 'Admin', exact: true }).click()
  await page.getByRole('link', { name: 'Environments' }).click()
  const table = page.getByRole('table', { name: 'Environments' })
  await expect(table).toContainText(/3\.\d+\.\d+/)
  await expect(page.getByText('No build has installed packages yet.')).toBeVisible()
  await expectAccessibleInBothSchemes(page)
  await page.screenshot({ path: test.info().outputPath('environments.png'), fullPage: true })

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
  await expect(renamed).toBeVisible()
})

test('says how to clone, and builds what Git pushes', async () => {
  await page.goto(`${url()}/algorithms/new`)
  await page.getByLabel('Algorithm Name').fill(NAME)
  await page.getByRole('button', { name: 'Create New Algorithm' }).click()
  await expect(page.getByRole('dialog', { name: `Successfully created admin/${NAME}` })).toBeVisible()
  await page.goto(`${url()}/algorithms/admin/${NAME}/source`)
  await page.getByRole('button', { name: 'Clone' }).click()
  const clone = page.getByRole('dialog', { name: 'Work with Git' })
  await expect(clone).toContainText(`git clone ${url()}/git/admin/${NAME}.git`)
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  pushByHand(await makeKey())
  await page.goto(`${url()}/algorithms/admin/${NAME}/builds`)
  const build = page.getByRole('table', { name: 'Builds' }).getByRole('row').nth(1)
  await expect(build).toContainText(/[0-9a-f]{40}/)
})

async function makeKey(): Promise<string> {
  await page.goto(`${url()}/account/api-keys/new`)
  await page.getByLabel('Label').fill('git')
  await page.getByRole('checkbox', { name: /manage/i }).check()
  await page.getByRole('button', { name: 'Create API Key' }).click()
  const key = page.getByText(/^sim[A-Za-z0-9]{25}$/)
  await expect(key).toBeVisible()
  return (await key.textContent()) ?? ''
}

/** As a developer does it: clone, edit, commit, push. */
function pushByHand(key: string): void {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-journey-'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: folder })
  const remote = new URL(`/git/admin/${NAME}.git`, url())
  remote.username = 'git'
  remote.password = key
  try {
    git('clone', '-q', remote.href, '.')
    const code = 'def apply(input):\n    return str(input).upper()\n'
    writeFileSync(path.join(folder, `src/${NAME}.py`), code)
    git('commit', '-q', '-a', '-m', 'Shout')
    git('push', '-q')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
