import { expect, type Page, type Route, test } from '@playwright/test'
import { expectAccessible, signIn, url } from './console'
import { createAlgorithm } from './git'

/** The dependencies of an algorithm, saved from their own window of the Web IDE. */
const NAME = 'Depending'
const SOURCE = `/algorithms/admin/${NAME}/source`

test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext()).newPage()
  await signIn(page)
  await createAlgorithm(page, NAME)
  await page.goto(`${url()}${SOURCE}`)
})

test.afterAll(() => page.context().close())

const dependencies = () => page.getByRole('dialog', { name: 'Dependencies' })
const saveButton = () => dependencies().getByRole('button', { name: 'Save Dependencies' })

/** What the browser asks the server to save meets `handle` first. */
async function onSave(handle: (route: Route) => Promise<void>): Promise<void> {
  await page.route(`**${SOURCE}`, (route) => (route.request().method() === 'POST' ? handle(route) : route.continue()))
}

async function writeDependencies(text: string): Promise<void> {
  await page.getByRole('button', { name: 'Dependencies' }).click()
  await dependencies().getByRole('textbox').click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

type Box = { x: number; y: number; width: number; height: number } | null

function overlap(one: Box, other: Box): boolean {
  if (!one || !other) return false
  const isBeside = one.x >= other.x + other.width || other.x >= one.x + one.width
  return !isBeside && one.y < other.y + other.height && other.y < one.y + one.height
}

test('a save that fails is said in the window, which keeps the text', async () => {
  await onSave((route) => route.abort())
  await writeDependencies('six\n')
  await saveButton().click()
  await expect(dependencies().getByRole('alert')).toContainText('Nothing was saved')
  await expect(dependencies().getByRole('textbox')).toContainText('six')
  await expectAccessible(page)
  await page.unroute(`**${SOURCE}`)
})

test('the window stays until the save is done, and the next save builds on it', async () => {
  let answer = () => {}
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve
  })
  await onSave(async (route) => {
    await isAnswered
    await route.continue()
  })
  await saveButton().click()
  await expect(saveButton()).toHaveAttribute('aria-busy', 'true')
  await page.keyboard.press('Escape')
  await expect(dependencies()).toBeVisible()
  answer()
  await expect(dependencies()).toBeHidden()
  await page.unroute(`**${SOURCE}`)

  await page.getByRole('link', { name: 'Exit IDE' }).click()
  await page.getByRole('link', { name: 'Source Code' }).click()
  await page.getByRole('textbox', { name: 'Source code editor' }).click()
  await page.keyboard.type('# after the dependencies\n')
  await page.getByRole('button', { name: 'Save' }).click()
  const notice = page.getByText('Saved', { exact: true })
  await expect(notice).toBeVisible()
  for (const button of await page.getByRole('banner').getByRole('button').all()) {
    expect(overlap(await notice.boundingBox(), await button.boundingBox())).toBe(false)
  }
  await page.getByRole('button', { name: 'Dependencies' }).click()
  await expect(dependencies().getByRole('textbox')).toContainText('six')
})
