import { gzipSync } from 'node:zlib'
import { expect, type Page, test } from '@playwright/test'
import { ensureQueue } from '../lib/launch/ensure-queue'
import { connectionString, expectAccessible, expectAccessibleInBothSchemes, password, url } from './console'

/**
 * The guide of event flows on Azure Service Bus, sections 3 and 4, from the sign-in to the file in the collection,
 * in order, on a fresh data directory.
 */
const ALGORITHM = 'testAzureSB'
const COLLECTION = 'TestingSBEventFlow'
const QUEUE = 'my-queue'
const SHORT_QUEUE = 'short-queue'
const MAX_DELIVERIES = 3
const MESSAGE = '{"filename":"some-new-file.txt","data":"file contents to store"}'
const BAD_MESSAGE = '{"data":"no file name"}'

/** The guide's subscriber, unchanged but for owner and collection. */
const SUBSCRIBER = `import Algorithmia
from Algorithmia import ADK

def apply(input):
    Algorithmia.client().file("data://admin/${COLLECTION}/" + input.get("filename")).put(input.get("data"))

algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

test.describe.configure({ mode: 'serial' })

let page: Page

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext()
  page = await context.newPage()
})

test.afterAll(() => page.context().close())

test('1 signs in with the generated password, and not with another', async () => {
  await page.goto(url())
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expectAccessibleInBothSchemes(page)
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert').filter({ hasText: /password/i })).toBeVisible()
  await page.getByLabel('Password').fill(password())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
})

test('2 finds its way by the side navigation', async () => {
  const navigation = page.getByRole('navigation', { name: 'Main' })
  for (const name of ['Home', 'Algorithms', 'Data Sources', 'Docs']) {
    await expect(navigation.getByRole('link', { name })).toBeVisible()
  }
  await expect(navigation.getByRole('button', { name: 'Admin', exact: true })).toBeVisible()
  await expectAccessibleInBothSchemes(page)
})

test('3 creates an algorithm', async () => {
  await page.getByRole('button', { name: 'Create New', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Algorithm' }).click()
  await expect(page.getByLabel('Algorithm Name')).toBeVisible()
  await expectAccessible(page)
  await expect(page.getByLabel('Owner', { exact: true })).toHaveValue('admin')
  await page.getByLabel('Algorithm Name').fill(ALGORITHM)
  await expect(page.getByLabel('Environment', { exact: true })).toContainText('Python 3')
  await page.getByRole('button', { name: 'Create New Algorithm' }).click()
  const dialog = page.getByRole('dialog', { name: `Successfully created admin/${ALGORITHM}` })
  await expect(dialog).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('link', { name: 'Web IDE' }).click()
  await expect(page).toHaveURL(/\/source$/)
})

test('4 writes, saves, builds, tries and publishes it in the Web IDE', async () => {
  await expect(page.getByRole('button', { name: 'Dependencies' })).toBeVisible()
  const editor = page.getByRole('textbox', { name: 'Source code editor' })
  await editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(SUBSCRIBER)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeDisabled()
  await page.getByRole('button', { name: 'Build', exact: true }).click()
  const consoleOutput = page.getByRole('log', { name: 'Console output' })
  await expect(consoleOutput).toContainText('is online', { timeout: 60_000 })
  await page.getByRole('tab', { name: 'Build log' }).click()
  await expect(page.getByText(/Build of \w+: Succeeded/)).toBeVisible()
  await expectAccessibleInBothSchemes(page)
  await runInConsole('{"nothing":"to store"}')
  await expect(consoleOutput).toContainText('TypeError', { timeout: 30_000 })
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await publish()
})

async function runInConsole(input: string): Promise<void> {
  await page.getByRole('tab', { name: 'Console' }).click()
  const prompt = page.getByRole('textbox', { name: 'Console input' })
  await prompt.fill(input)
  await prompt.press('Enter')
}

async function publish(): Promise<void> {
  const dialog = page.getByRole('dialog', { name: `Publish admin/${ALGORITHM}` })
  await expect(dialog.getByRole('heading', { name: 'Changes' })).toBeVisible()
  await expectAccessible(page)
  await dialog.getByLabel('Release Notes').fill('Stores each message as a file.')
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByLabel('Example input').fill(MESSAGE)
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByRole('radio', { name: /Minor/ }).check()
  await dialog.getByRole('radio', { name: /Private/ }).check()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Publish Version 0.1.0' }).click()
}

test('5 shows the endpoint on the profile', async () => {
  const heading = page.getByRole('heading', { level: 1 })
  await expect(heading).toHaveText(`admin / ${ALGORITHM} / 0.1.0`)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url() })
  await page.getByRole('button', { name: 'Copy endpoint' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`admin/${ALGORITHM}/0.1.0`)
  const tabs = page.getByRole('navigation', { name: 'Algorithm' })
  for (const name of ['Builds', 'Versions', 'Settings', 'Overview']) {
    await tabs.getByRole('link', { name }).click()
    await expect(tabs.getByRole('link', { name })).toHaveAttribute('aria-current', 'page')
    await expectAccessible(page)
  }
})

test('6 creates a hosted data collection', async () => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Data Sources' }).click()
  await page.getByRole('button', { name: 'New Data Source' }).click()
  await page.getByRole('menuitem', { name: 'Hosted Data Collection' }).click()
  const dialog = page.getByRole('dialog', { name: 'New Collection' })
  await dialog.getByLabel('Collection name').fill(COLLECTION)
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Create Collection' }).click()
  await expect(page.getByRole('heading', { level: 1, name: COLLECTION })).toBeVisible()
  await uploadAndDelete()
  await expectAccessibleInBothSchemes(page)
})

async function uploadAndDelete(): Promise<void> {
  const note = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') }
  await page.getByLabel('Files to upload').setInputFiles(note)
  await page.getByRole('table', { name: 'Files' }).getByRole('link', { name: 'note.txt' }).click()
  await expect(page.getByRole('region', { name: 'Preview of note.txt' })).toContainText('a note')
  await page.getByRole('button', { name: 'Actions for note.txt' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByRole('link', { name: 'note.txt' })).toHaveCount(0)
}

test('7 connects the queue, and is told by field what is wrong with a connection', async () => {
  await page.goto(`${url()}/algorithms/admin/${ALGORITHM}`)
  await page.getByRole('navigation', { name: 'Algorithm' }).getByRole('link', { name: 'Events' }).click()
  await expect(page.getByText('Connect to a message broker')).toBeVisible()
  await expectAccessibleInBothSchemes(page)
  await page.getByRole('button', { name: 'Connect broker' }).click()
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  await expect(modal.getByLabel('Algorithm', { exact: true })).toHaveValue(`admin/${ALGORITHM}`)
  await expect(modal.getByText(`/v1/algo/admin/${ALGORITHM}`)).toBeVisible()
  const connect = modal.getByRole('button', { name: 'Connect to Azure SB broker' })

  await modal.getByLabel('Queue name').fill(QUEUE)
  await expectRefused('not a connection string', 'Connection string')
  await expectRefused(connectionString().replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'), 'Connection string')
  await expectRefused(connectionString().replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=wrong'), 'Connection string')
  await modal.getByLabel('Queue name').fill('no-such-queue')
  await expectRefused(connectionString(), 'Queue name')
  await expectAccessible(page)

  await modal.getByLabel('Queue name').fill(QUEUE)
  await connect.click()
  await expect(modal).toBeHidden()
  await expect(row(QUEUE).getByText('Receiving')).toBeVisible()
})

/** Connects with this string; the field must say why it did not work. */
async function expectRefused(text: string, field: 'Connection string' | 'Queue name'): Promise<void> {
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  const input = modal.getByLabel(field)
  await modal.getByLabel('Connection string').fill(text)
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await modal.getByRole('button', { name: 'Connect to Azure SB broker' }).click()
  await answered
  await expect(modal.getByRole('button', { name: 'Connect to Azure SB broker' })).toBeEnabled()
  await expect(input).toBeFocused()
  await expect(input).toHaveAttribute('aria-invalid', 'true')
  await expect(input).toHaveAccessibleDescription(/\S{3,}/)
}

const row = (queue: string) => page.getByRole('listitem').filter({ has: page.getByRole('link', { name: queue }) })

test('7b lists, filters, edits and deletes event flows', async () => {
  await expectAccessibleInBothSchemes(page)
  await ensureQueue(connectionString(), 'other-queue')
  await connectBroker('other-queue')
  await page.getByRole('searchbox').fill('other')
  await expect(row(QUEUE)).toHaveCount(0)
  await expect(row('other-queue')).toBeVisible()
  await row('other-queue').getByRole('button', { name: 'Edit' }).click()
  const modal = page.getByRole('dialog', { name: 'Edit Azure SB broker' })
  await modal.getByLabel('Algorithm timeout in seconds').fill('60')
  await modal.getByRole('button', { name: 'Save changes' }).click()
  await expect(modal).toBeHidden()
  await row('other-queue').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(row('other-queue')).toHaveCount(0)
  await page.getByRole('searchbox').fill('')
  await expect(row(QUEUE)).toBeVisible()
})

async function connectBroker(queue: string): Promise<void> {
  await page.getByRole('button', { name: 'New broker' }).click()
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  await modal.getByLabel('Queue name').fill(queue)
  await modal.getByRole('button', { name: 'Use the embedded broker' }).click()
  await modal.getByRole('button', { name: 'Connect to Azure SB broker' }).click()
  await expect(modal).toBeHidden()
  await expect(row(queue)).toBeVisible()
}

test('8 sends a message and sees its execution without a reload', async () => {
  await row(QUEUE).getByRole('link', { name: QUEUE }).click()
  await expect(page.getByRole('heading', { level: 1, name: QUEUE })).toBeVisible()
  await page.evaluate(() => Object.assign(window, { isSamePage: true }))
  await sendMessage(MESSAGE)
  const execution = page.getByRole('table', { name: 'Executions' }).getByRole('row').nth(1)
  await expect(execution).toContainText('Succeeded')
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true)
  await expectAccessibleInBothSchemes(page)
  await execution.getByRole('link').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Execution' })).toBeVisible()
  await expect(page.getByText('some-new-file.txt')).toBeVisible()
  for (const name of ['Input', 'Result', 'Logs']) await expect(page.getByRole('heading', { name })).toBeVisible()
  await expect(page.getByText('Delivery count')).toBeVisible()
  await expect(page.getByText('Duration').first()).toBeVisible()
  await expectAccessibleInBothSchemes(page)
})

async function sendMessage(body: string): Promise<void> {
  await page.getByRole('button', { name: 'Send message' }).click()
  const dialog = page.getByRole('dialog', { name: 'Send message' })
  await dialog.getByLabel('Message body').fill(body)
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(dialog).toBeHidden()
}

test('9 finds the file in the collection', async () => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Data Sources' }).click()
  await page.goto(`${url()}/data/admin/${COLLECTION}`)
  await page.getByRole('table', { name: 'Files' }).getByRole('link', { name: 'some-new-file.txt' }).click()
  await expect(page.getByRole('region', { name: 'Preview of some-new-file.txt' })).toContainText(
    'file contents to store',
  )
  await expectAccessible(page)
})

test('10 finds a message that always fails in the dead-letter queue, with each attempt', async () => {
  await ensureQueue(connectionString(), SHORT_QUEUE, { maxDeliveryCount: MAX_DELIVERIES })
  await page.goto(`${url()}/algorithms/admin/${ALGORITHM}/events`)
  await connectBroker(SHORT_QUEUE)
  await row(SHORT_QUEUE).getByRole('link', { name: SHORT_QUEUE }).click()
  await expect(page.getByRole('heading', { level: 1, name: SHORT_QUEUE })).toBeVisible()
  await sendMessage(BAD_MESSAGE)
  const failed = page.getByRole('table', { name: 'Executions' }).getByRole('row').filter({ hasText: 'Failed' })
  await expect(failed).toHaveCount(MAX_DELIVERIES, { timeout: 60_000 })
  await expect(page.getByText('MaxDeliveryCountExceeded')).toBeVisible({ timeout: 30_000 })
  await expectAccessible(page)
  await failed.first().getByRole('link').click()
  await expect(page.getByText(/TypeError/).first()).toBeVisible()
  await expect(page.getByText(/Traceback/)).toBeVisible()
  await expect(page.getByRole('table', { name: 'Attempts of this message' }).getByRole('row')).toHaveCount(
    MAX_DELIVERIES + 1,
  )
  await expectAccessible(page)
})

test('11 shows an administrator the health and all event flows', async () => {
  await page.getByRole('button', { name: 'Admin', exact: true }).click()
  await page.getByRole('link', { name: 'Dashboard' }).click()
  await expect(page.getByText('5 of 5 parts healthy')).toBeVisible()
  for (const name of ['Engine', 'Broker', 'Database', 'Storage', 'Sandbox']) {
    await expect(page.getByRole('heading', { name })).toBeVisible()
  }
  for (const queue of [QUEUE, SHORT_QUEUE]) await expect(row(queue)).toContainText('admin')
  await expectAccessibleInBothSchemes(page)
})

test('12 answers a page fast and with little JavaScript', async () => {
  const profile = `${url()}/algorithms/admin/${ALGORITHM}`
  const html = await (await page.request.get(profile)).text()
  const scripts = [...html.matchAll(/<script src="([^"]+)"([^>]*)/g)].filter(
    ([, , rest = '']) => !/noModule/i.test(rest),
  )
  expect(scripts.length).toBeGreaterThan(3)
  let bytes = 0
  for (const [, source = ''] of scripts) {
    bytes += gzipSync(await (await page.request.get(`${url()}${source}`)).body()).length
  }
  expect(bytes / 1000).toBeLessThanOrEqual(200)
  const fresh = await page.context().newPage()
  const times: number[] = []
  for (let visit = 0; visit < 5; visit++) {
    const startedAt = Date.now()
    await fresh.goto(profile, { waitUntil: 'load' })
    times.push(Date.now() - startedAt)
  }
  expect(Math.min(...times)).toBeLessThan(1_000)
  await fresh.close()
})
