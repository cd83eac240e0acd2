import { expect, test } from '@playwright/test'
import { expectAccessible } from './console'
import { type Headrace, makeDataDirectory, removeDataDirectory, someFreePorts, startHeadrace } from './headrace'

let data: string
let headrace: Headrace | undefined

test.beforeEach(() => {
  data = makeDataDirectory()
})

test.afterEach(async () => {
  await headrace?.stop()
  headrace = undefined
  removeDataDirectory(data)
})

test('the first start ends with data to look at, the second keeps it', async ({ page }) => {
  test.setTimeout(300_000)
  headrace = await startHeadrace({ data, args: await someFreePorts() })
  expect(headrace.output()).toContain('Demo data: demo-queue runs admin/store_message/0.1.0')
  await page.goto(`${headrace.url}/algorithms/admin/store_message/events`)
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password').fill(headrace.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('link', { name: 'demo-queue' })).toBeVisible()
  await expect(page.getByText('Receiving')).toBeVisible()
  await expectAccessible(page)
  await page.goto(`${headrace.url}/data/admin/messages`)
  await expect(page.getByRole('link', { name: 'hello.txt' })).toBeVisible()
  await page.getByRole('link', { name: 'hello.txt' }).click()
  await expect(page.getByRole('region', { name: 'Preview of hello.txt' })).toContainText('Every message on demo-queue')

  await headrace.stop()
  headrace = await startHeadrace({ data })
  expect(headrace.output()).not.toContain('Demo data')
  await page.goto(`${headrace.url}/data/admin/messages`)
  await expect(page.getByRole('link', { name: 'hello.txt' })).toBeVisible()
})
