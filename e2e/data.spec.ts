import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { answer, officialClient } from '../lib/v1/testing/official-client'
import { expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'

const COLLECTION = 'Journey_files'
const ODD_NAME = 'an odd näme + 100% #1?.txt'
/** More than a proxy in front of the route would let through. */
const BIG_BYTES = 12 * 1024 * 1024

test.describe.configure({ mode: 'serial' })

test('files are uploaded, shown, downloaded and deleted', async ({ page }) => {
  test.setTimeout(180_000)
  await signIn(page)
  await page.goto(`${url()}/data?new=collection`)
  const dialog = page.getByRole('dialog', { name: 'New Collection' })
  await dialog.getByLabel('Collection name').fill('not a name')
  await dialog.getByRole('button', { name: 'Create Collection' }).click()
  await expect(dialog.getByText('letters, digits and _ and begins with a letter')).toBeVisible()
  await dialog.getByLabel('Collection name').fill(COLLECTION)
  await dialog.getByRole('button', { name: 'Create Collection' }).click()
  await expect(page).toHaveURL(`${url()}/data/admin/${COLLECTION}`)
  await expect(page.getByText('No files yet')).toBeVisible()

  const big = randomBytes(BIG_BYTES)
  await page.getByLabel('Files to upload').setInputFiles([
    { name: 'some-new-file.txt', mimeType: 'text/plain', buffer: Buffer.from('file contents to store') },
    { name: ODD_NAME, mimeType: 'text/plain', buffer: Buffer.from('odd') },
    { name: 'big', mimeType: '', buffer: big },
  ])
  await expect(page.getByText(/^Stored/)).toHaveCount(3)

  await page.getByRole('link', { name: ODD_NAME }).click()
  await expect(page.getByRole('region', { name: `Contents of ${ODD_NAME}` })).toHaveText('odd')
  await page.getByRole('link', { name: 'some-new-file.txt' }).click()
  await expect(page.getByRole('region', { name: 'Contents of some-new-file.txt' })).toHaveText('file contents to store')
  await expectAccessibleInBothSchemes(page)

  await page.getByRole('button', { name: 'Actions for big' }).click()
  const downloading = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Download' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe('big')
  expect(readFileSync(await download.path()).equals(big)).toBe(true)

  await page.getByRole('button', { name: 'Actions for big' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Delete File' }).click()
  await expect(page.getByRole('link', { name: 'big' })).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Contents of some-new-file.txt' })).toBeVisible()
})

test('the owner opens a collection by keyboard', async ({ page }) => {
  await signIn(page)
  await page.goto(`${url()}/data/admin/${COLLECTION}`)
  await page.getByRole('button', { name: 'Collection settings' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Copy Path' })).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('menuitemradio', { name: /^My Algorithms/ })).toBeChecked()
  await page.getByRole('menuitemradio', { name: /^Public/ }).press('Enter')
  await expect(page.getByText('Read Access: Public')).toBeVisible()
})

test('the pages fit a narrow window', async ({ page }) => {
  await signIn(page)
  await page.setViewportSize({ width: 390, height: 800 })
  for (const path of ['/data', '/data/admin', `/data/admin/${COLLECTION}?file=some-new-file.txt`]) {
    await page.goto(`${url()}${path}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390)
    await expectAccessible(page)
  }
})

test('the HTTP API of the built console serves what official clients send', async ({ page }) => {
  await signIn(page)
  const key = await createApiKey(page)
  const client = officialClient(key, url())
  const file = client.file(`data://.my/${COLLECTION}/100% from the client.txt`)
  const stored = await answer((done) => file.putString('from the client', done))
  expect(stored).toEqual({ status: 200, body: { result: `data://admin/${COLLECTION}/100% from the client.txt` } })
  expect((await answer<string>((done) => file.getString(done))).body).toBe('from the client')
  const missing = await new Promise((resolve) => client.algo('algo://nobody/Nothing/').pipe('x').then(resolve))
  expect(missing).toMatchObject({ status: 404, error: { message: 'algorithm algo://nobody/Nothing not found' } })

  const headers = { Authorization: key }
  const head = await fetch(`${url()}/v1/data/.my%2F${COLLECTION}%2Fsome-new-file.txt`, { method: 'HEAD', headers })
  expect([head.status, head.headers.get('x-data-type'), head.headers.get('content-length')]).toEqual([
    200,
    'file',
    '22',
  ])
  const slash = await fetch(`${url()}/v1/data/admin/`, { headers, redirect: 'error' })
  expect(await slash.json()).toMatchObject({ folders: expect.arrayContaining([{ name: COLLECTION }]) })
  const refused = await fetch(`${url()}/v1/connector/data/.my`)
  expect([refused.status, await refused.text()]).toEqual([401, '{"error":{"message":"authorization required"}}'])

  await page.goto(`${url()}/data/admin/${COLLECTION}`)
  await expect(page.getByRole('link', { name: '100% from the client.txt' })).toBeVisible()
  await answer((done) => client.file(`data://.my/${COLLECTION}/live.txt`).putString('live', done))
  await expect(page.getByRole('link', { name: 'live.txt' })).toBeVisible()
})

test('a deleted collection is gone', async ({ page }) => {
  await signIn(page)
  await page.goto(`${url()}/data/admin/${COLLECTION}`)
  await page.getByRole('button', { name: 'Collection settings' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByLabel(`Type ${COLLECTION} to confirm`).fill(COLLECTION)
  await page.getByRole('button', { name: 'Delete Collection' }).click()
  await expect(page).toHaveURL(`${url()}/data/admin`)
  await expect(page.getByRole('link', { name: COLLECTION })).toHaveCount(0)
  const response = await page.goto(`${url()}/data/admin/${COLLECTION}`)
  expect(response?.status()).toBe(404)
})

async function createApiKey(page: Page): Promise<string> {
  await page.goto(`${url()}/account/api-keys/new`)
  await page.getByLabel('Label your key').fill('journey')
  await page.getByRole('button', { name: 'Create API Key' }).click()
  return ((await page.getByText(/^sim\w{25}$/).textContent()) ?? '').trim()
}
