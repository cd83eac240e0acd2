import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'
import { createAlgorithm, makeGitKey, pushByHand } from './git'

/** The Web IDE beside Git itself: clone, push, the history, and what is not published yet. */
const NAME = 'Versioned'
const MAIN = `src/${NAME}.py`

test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext()).newPage()
  await signIn(page)
})

test.afterAll(() => page.context().close())

async function openHistory() {
  await page.getByRole('button', { name: 'History' }).click()
  return page.getByRole('dialog', { name: 'History' })
}

test('says how to clone, and builds what Git pushes', async () => {
  await createAlgorithm(page, NAME)
  await page.goto(`${url()}/algorithms/admin/${NAME}/source`)
  await page.getByRole('button', { name: 'Clone' }).click()
  const clone = page.getByRole('dialog', { name: 'Work with Git' })
  await expect(clone).toContainText(`git clone ${url()}/git/admin/${NAME}.git`)
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  pushByHand(NAME, await makeGitKey(page), {
    Shout: { [MAIN]: 'def apply(input):\n    return str(input).upper()\n', 'requirements.txt': 'six==1.16.0\n' },
  })
  await page.goto(`${url()}/algorithms/admin/${NAME}/builds`)
  const build = page.getByRole('table', { name: 'Builds' }).getByRole('row').nth(1)
  await expect(build).toContainText('Succeeded', { timeout: 60_000 })
  await build.getByRole('link').first().click()
  await expect(page.getByText(/^Python 3\.\d+ \(3\.\d+\.\d+\)$/)).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Installed packages' })).toBeVisible()
  await expect(page.getByText('six==1.16.0', { exact: true })).toBeVisible()
  await expectAccessibleInBothSchemes(page)
})

test('shows the commits, and what each of them changed', async () => {
  await page.goto(`${url()}/algorithms/admin/${NAME}/source`)
  const history = await openHistory()
  const commits = history.getByRole('list', { name: 'Commits' })
  await expect(commits.getByRole('listitem')).toHaveCount(2)
  await expect(commits.getByRole('listitem').first()).toContainText('Shout')
  await expect(history.getByRole('heading', { name: MAIN })).toBeVisible()
  await expect(history.getByRole('textbox', { name: `Changes of ${MAIN}` })).toContainText('upper()')
  await expectAccessibleInBothSchemes(page)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectAccessible(page)
  await page.setViewportSize({ width: 1360, height: 900 })
  await history.getByRole('button', { name: /Initial commit/ }).click()
  await expect(history.getByRole('heading', { name: 'requirements.txt' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(history).toBeHidden()
  await expect(page.getByRole('button', { name: 'History' })).toBeFocused()
})

test('compares with the version that was published last, unsaved text too', async () => {
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: `Publish admin/${NAME}` })
  await dialog.getByLabel('Release Notes').fill('First')
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByRole('button', { name: /^Publish Version/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('0.')
  await page.goto(`${url()}/algorithms/admin/${NAME}/source`)
  let history = await openHistory()
  await expect(history.getByText('Nothing differs.')).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')

  await page.getByRole('textbox', { name: 'Source code editor' }).click()
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.type('# not saved yet\n')
  history = await openHistory()
  const since = history.getByRole('button', { name: /Changes since version 0\./ })
  await expect(since).toHaveAttribute('aria-current', 'true')
  await expect(history.getByRole('textbox', { name: `Changes of ${MAIN}` })).toContainText('# not saved yet')
  await expectAccessibleInBothSchemes(page)
  await history.getByRole('button', { name: /Shout/ }).focus()
  await page.keyboard.press('Enter')
  await expect(history.getByRole('textbox', { name: `Changes of ${MAIN}` })).not.toContainText('# not saved yet')
})
