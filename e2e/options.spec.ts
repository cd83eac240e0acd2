import { expect, type Page, test } from '@playwright/test'
import { ensureQueue } from '../lib/launch/ensure-queue'
import { connectionString, expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'

/** The options of an event flow, and pausing, draining and resuming it. */
const ALGORITHM = 'WithOptions'
const COLLECTION = 'OptionResults'
const QUEUE = 'options-queue'

test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext()).newPage()
  await signIn(page)
  await ensureQueue(connectionString(), QUEUE)
  await page.goto(`${url()}/algorithms/new`)
  await page.getByLabel('Algorithm Name').fill(ALGORITHM)
  await page.getByRole('button', { name: 'Create New Algorithm' }).click()
  await expect(page.getByRole('dialog', { name: /Successfully created/ })).toBeVisible()
  await page.goto(`${url()}/data`)
  await page.getByRole('button', { name: 'New Data Source' }).click()
  await page.getByRole('menuitem', { name: 'Hosted Data Collection' }).click()
  const dialog = page.getByRole('dialog', { name: 'New Collection' })
  await dialog.getByLabel('Collection name').fill(COLLECTION)
  await dialog.getByRole('button', { name: 'Create Collection' }).click()
  await expect(page.getByRole('heading', { level: 1, name: COLLECTION })).toBeVisible()
})

test.afterAll(() => page.context().close())

test('opens Advanced by keyboard, and says at each option what is wrong', async () => {
  await page.goto(`${url()}/algorithms/admin/${ALGORITHM}/events`)
  await page.getByRole('button', { name: 'Connect broker' }).click()
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  await modal.getByLabel('Queue name').fill(QUEUE)
  await modal.getByLabel('Connection string').fill(connectionString())
  await expect(modal.getByLabel('Concurrency')).toBeHidden()
  await modal.getByText('Advanced', { exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(modal.getByLabel('Concurrency')).toBeVisible()
  await expectAccessibleInBothSchemes(page)

  await modal.getByLabel('Concurrency').fill('1000')
  await modal.getByLabel('Output collection').fill('nonsense')
  await modal.getByLabel('File name').fill('same.json')
  await page.keyboard.press('Enter')
  await expect(modal.getByLabel('Concurrency')).toBeFocused()
  await expect(modal.getByLabel('Concurrency')).toHaveAccessibleDescription(/from 1 to 256/)
  await expect(modal.getByLabel('Output collection')).toHaveAccessibleDescription(/looks like OWNER\/COLLECTION/)
  await expect(modal.getByLabel('File name')).toHaveAccessibleDescription(/Every result would replace/)
  await expectAccessible(page)
})

test('connects with options, and shows them on its page and when it is edited', async () => {
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  await modal.getByLabel('Concurrency').fill('4')
  await modal.getByLabel('Message order').selectOption('Per session')
  await modal.getByLabel('Wait after a failure').selectOption({ label: 'Fixed: wait the same time' })
  await expect(modal.getByLabel('At most, in minutes')).toBeHidden()
  await modal.getByLabel('Delay in seconds').fill('20')
  await modal.getByLabel('Output collection').fill(`data://admin/${COLLECTION}`)
  await modal.getByLabel('File name').fill('<date>-<messageId>.json')
  const connect = modal.getByRole('button', { name: 'Connect to Azure SB broker' })
  await connect.click()
  await expect(modal.getByLabel('Message order')).toHaveAccessibleDescription(/does not have sessions/)
  await modal.getByLabel('Message order').selectOption('Unordered')
  await connect.click()
  await expect(modal).toBeHidden()

  await page.getByRole('link', { name: QUEUE }).click()
  await expect(page.getByRole('heading', { level: 1, name: QUEUE })).toBeVisible()
  await page.getByRole('button', { name: 'Edit' }).click()
  const edit = page.getByRole('dialog', { name: 'Edit Azure SB broker' })
  await edit.getByText('Advanced', { exact: true }).click()
  await expect(edit.getByLabel('Concurrency')).toHaveValue('4')
  await expect(edit.getByLabel('Delay in seconds')).toHaveValue('20')
  await expect(edit.getByLabel('Output collection')).toHaveValue(`admin/${COLLECTION}`)
  await expect(edit.getByLabel('File name')).toHaveValue('<date>-<messageId>.json')
  await edit.getByLabel('Lock renewal limit in minutes').fill('30')
  await edit.getByRole('button', { name: 'Save changes' }).click()
  await expect(edit).toBeHidden()
  await expect(page.getByText('4 at a time, over all engines')).toBeVisible()
  await expect(page.getByText('fixed: 20 s after each failure')).toBeVisible()
  await expect(page.getByText('at most 30 min a message')).toBeVisible()
  await expect(page.getByRole('link', { name: `data://admin/${COLLECTION}` })).toBeVisible()
})

test('pauses, resumes and drains the flow, and says who did it', async () => {
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused by admin.')).toBeVisible()
  await expectAccessibleInBothSchemes(page)
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(page.getByText(/Publish one; messages stay on the queue/)).toBeVisible()
  await page.getByRole('button', { name: 'Drain' }).click()
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('Messages stay on the queue')
  await expectAccessible(page)
  await question.getByRole('button', { name: 'Drain' }).click()
  await expect(page.getByText(/Drained by admin/)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible()
})
