import { ServiceBusClient } from '@azure/service-bus'
import { expect, type Page, test } from '@playwright/test'
import { ensureQueue } from '../lib/launch/ensure-queue'
import { administrationClient } from '../lib/testing/broker'
import { connectionString, expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'

/** From a message that failed to one that was mended, with every tool on the way, on the embedded broker. */
const ALGORITHM = 'halves'
const QUEUE = 'tools-queue'
const SOURCE = `import time
from Algorithmia import ADK

def apply(input):
    time.sleep(input.get("seconds", 0))
    return 100 / input["n"]

algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

test.describe.configure({ mode: 'serial' })

let page: Page
let flowPath: string

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext()).newPage()
})

test.afterAll(() => page.context().close())

test('a queue is connected to an algorithm that some messages break', async () => {
  test.setTimeout(180_000)
  await signIn(page)
  await createAlgorithm()
  await ensureQueue(connectionString(), QUEUE, { maxDeliveryCount: 1 })
  await page.goto(`${url()}/algorithms/admin/${ALGORITHM}/events`)
  await page.getByRole('button', { name: 'Connect broker' }).click()
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  await modal.getByLabel('Queue name').fill(QUEUE)
  await modal.getByLabel('Connection string').fill(connectionString())
  await modal.getByRole('button', { name: 'Connect to Azure SB broker' }).click()
  await page.getByRole('link', { name: QUEUE }).click()
  await expect(page.getByRole('heading', { level: 1, name: QUEUE })).toBeVisible()
  flowPath = new URL(page.url()).pathname
  await expectAccessibleInBothSchemes(page)
  for (const tab of ['Queue', 'Dead letters', 'Jobs']) {
    await openTab(tab)
    await expect(page.getByText(/is empty|no dead letters|No jobs yet/)).toBeVisible()
    await expectAccessible(page)
  }
})

test('the flow’s page shows what happened to each message, and how much is left', async () => {
  await send([{ n: 4 }, { n: 0 }, { n: 0 }, { n: 0 }])
  await openTab('Executions')
  const table = page.getByRole('table', { name: 'Executions' })
  await expect(table.getByText('Failed')).toHaveCount(3)
  await expect(page.getByRole('img', { name: /4 deliveries in the last hour/ })).toBeVisible()
  await expect(page.getByRole('img', { name: /3 failed deliveries/ })).toBeVisible()
  await page.reload()
  // Of the dead letters: the queue is empty as soon as the last one is settled.
  await expect(page.getByText('the oldest from')).toHaveCount(1)
  await page.getByLabel('Filter by').selectOption('succeeded')
  await expect(page).toHaveURL(/status=succeeded/)
  await expect(table.getByRole('row')).toHaveCount(2)
  await page.getByLabel('Filter by').selectOption('all')
  await expect(page).not.toHaveURL(/status=/)
  await page.getByRole('searchbox').fill('zero')
  await expect(page).toHaveURL(/q=zero/)
  await expect(table.getByRole('row')).toHaveCount(4)
  await page.getByLabel('Started').selectOption('15m')
  await page.getByLabel('Version').selectOption('0.1.0')
  await expect(page).toHaveURL(/version=0\.1\.0/)
  await expect(table.getByRole('row')).toHaveCount(4)
  await expectAccessibleInBothSchemes(page)
  // Each choice keeps the others, however quickly they follow one another.
  await page.getByRole('searchbox').fill('by zero')
  await page.getByLabel('Filter by').selectOption('failed')
  await expect(page).toHaveURL(/(?=.*q=by\+zero)(?=.*status=failed)(?=.*version=0\.1\.0)(?=.*time=15m)/)
  await openTab('Executions')
  await expect(page.getByRole('searchbox')).toHaveValue('')
})

test('a dead letter is looked at, tried without taking it, edited and sent again', async () => {
  await openTab('Dead letters')
  const table = page.getByRole('table', { name: 'Dead letters' })
  await expect(table.getByRole('row')).toHaveCount(4)
  await expect(table.getByText('MaxDeliveryCountExceeded')).toHaveCount(3)
  await table.getByRole('button').first().click()
  await expect(page.getByRole('region', { name: 'body' })).toContainText('"n": 0')
  await expect(page.getByText('contoso')).toBeVisible()
  await expectAccessibleInBothSchemes(page)

  await page.getByRole('button', { name: 'Dry run' }).click()
  await page.getByRole('dialog').getByLabel('Version').selectOption('0.1.0')
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click()
  await expect(page.getByText('as a dry run of a message')).toBeVisible()
  await expect(page.getByText('division by zero').first()).toBeVisible()

  await page.goto(`${url()}${flowPath}/dead-letters`)
  await expect(table.getByRole('row')).toHaveCount(4)
  await table.getByRole('button').first().click()
  await page.getByRole('button', { name: 'Edit and resubmit' }).click()
  const dialog = page.getByRole('dialog', { name: 'Edit and resubmit' })
  await dialog.getByLabel('Application properties').fill('[]')
  await dialog.getByRole('button', { name: 'Resubmit' }).click()
  await expect(dialog.getByText('Write one JSON object')).toBeVisible()
  await expectAccessible(page)
  await dialog.getByLabel('Application properties').fill('{"tenant":"fabrikam"}')
  await dialog.getByLabel('Body').fill('{"n": 8}')
  await dialog.getByRole('button', { name: 'Resubmit' }).click()
  await expect(page.getByText('Resubmitted.')).toBeVisible()
  await expect(table.getByRole('row')).toHaveCount(3)
  await openTab('Executions')
  await expect(page.getByRole('table', { name: 'Executions' }).getByText('12.5')).toBeVisible()
})

test('an execution shows its message’s way, and its input is replayed', async () => {
  await page
    .getByRole('table', { name: 'Executions' })
    .getByRole('row')
    .filter({ hasText: '12.5' })
    .getByRole('link')
    .click()
  for (const step of ['Enqueued', 'Received', 'Started', 'Result', 'Recorded', 'Settled: completed']) {
    await expect(page.getByRole('listitem').filter({ hasText: step }).first()).toContainText(/\d\d:\d\d/)
  }
  await expect(page.getByText('fabrikam')).toBeVisible()
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download result' }).click()
  expect((await download).suggestedFilename()).toMatch(/^result-.*\.json$/)
  await page.getByRole('button', { name: 'Replay' }).click()
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
  await expect(page.getByText('the execution it replays')).toBeVisible()
  await expect(page.getByText('Succeeded').first()).toBeVisible()
  await expect(page.getByRole('table', { name: 'Attempts of this message' }).getByText('Replay')).toBeVisible()
  await expectAccessibleInBothSchemes(page)
})

test('all dead letters are sent again as a job', async () => {
  await page.goto(`${url()}${flowPath}/dead-letters`)
  await page.getByRole('button', { name: 'Resubmit all' }).click()
  await page.getByRole('dialog').getByLabel('Keep the message ids').check()
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Resubmit' }).click()
  await expect(page.getByText('2 of 2')).toBeVisible()
  await expect(page.getByText('Finished')).toBeVisible()
  await expectAccessibleInBothSchemes(page)
})

test('executions are replayed by a filter', async () => {
  await page.goto(`${url()}${flowPath}?status=succeeded`)
  await page.getByRole('button', { name: 'Replay these' }).click()
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
  await expect(page.getByText('2 of 2')).toBeVisible()
  await openTab('Jobs')
  await expect(page.getByRole('table', { name: 'Jobs' }).getByRole('row')).toHaveCount(3)
  await expectAccessible(page)
})

test('messages are purged only with the word, and only those that were there', async () => {
  await page.goto(`${url()}${flowPath}`)
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused', { exact: true }).first()).toBeVisible()
  await send([{ n: 1 }, { n: 2 }])
  await openTab('Queue')
  await expect(page.getByRole('table', { name: 'Messages' }).getByRole('row')).toHaveCount(3)
  await page.getByRole('button', { name: 'Purge all' }).click()
  const dialog = page.getByRole('alertdialog')
  await expect(dialog.getByRole('button', { name: 'Purge' })).toBeDisabled()
  await dialog.getByLabel('Type purge to confirm').fill('purge')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Purge' }).click()
  await expect(page.getByText('2 of 2')).toBeVisible()
  await openTab('Queue')
  await expect(page.getByText('The queue is empty.')).toBeVisible()
})

test('a key that may only listen is told ages, and that the numbers need Manage', async () => {
  const queue = 'listen-queue'
  const key = { claimType: 'SharedAccessKey', keyName: 'listener', primaryKey: 'one', secondaryKey: 'two' }
  await administrationClient(connectionString()).createQueue(queue, {
    maxDeliveryCount: 1,
    authorizationRules: [{ ...key, accessRights: ['Listen'] }],
  })
  await send([{ n: 0 }], queue)
  const listener = connectionString().replace(
    /SharedAccessKeyName=[^;]*;SharedAccessKey=[^;]*/,
    'SharedAccessKeyName=listener;SharedAccessKey=one',
  )
  await page.goto(`${url()}/algorithms/admin/${ALGORITHM}/events`)
  await page.getByRole('button', { name: 'New broker' }).click()
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  await modal.getByLabel('Queue name').fill(queue)
  await modal.getByLabel('Connection string').fill(listener)
  await modal.getByRole('button', { name: 'Connect to Azure SB broker' }).click()
  await page.getByRole('link', { name: queue }).click()
  await expect(page.getByRole('table', { name: 'Executions' }).getByText('Failed')).toBeVisible()
  await page.reload()
  await expect(page.getByText('needs Manage')).toBeVisible()
  await expect(page.locator('dl > div').filter({ hasText: 'dead-lettered' })).toContainText('1')
  // Of the dead letters: the queue is empty as soon as the last one is settled.
  await expect(page.getByText('the oldest from')).toHaveCount(1)
  await expectAccessibleInBothSchemes(page)
  await page.getByRole('button', { name: 'Send message' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('alert')).toContainText('Send')
  await expectAccessible(page)
})

test('a message in work stands in flight until it is settled, with the time that its lock has left', async () => {
  await page.goto(`${url()}${flowPath}`)
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(page.getByText('Receiving').first()).toBeVisible()
  await send([{ n: 0.5, seconds: 20 }])
  const table = page.getByRole('table', { name: 'Messages in flight' })
  const row = table.getByRole('row').filter({ hasText: 'Running' })
  await expect(row).toHaveCount(1)
  const secondsLeft = async () => Number(/(\d+) s$/.exec((await row.textContent()) ?? '')?.[1])
  const first = await secondsLeft()
  expect(first).toBeGreaterThan(0)
  await expect.poll(secondsLeft).toBeLessThan(first)
  await expectAccessibleInBothSchemes(page)
  await expect(table).toHaveCount(0, { timeout: 60_000 })
  await expect(page.getByRole('table', { name: 'Executions' }).getByText('200')).toBeVisible()
})

async function openTab(name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Event flow' }).getByRole('link', { name }).click()
}

async function send(bodies: { n: number; seconds?: number }[], queue = QUEUE): Promise<void> {
  const client = new ServiceBusClient(connectionString())
  try {
    const messages = bodies.map((body) => ({
      body,
      contentType: 'application/json',
      applicationProperties: { tenant: 'contoso' },
    }))
    await client.createSender(queue).sendMessages(messages)
  } finally {
    await client.close()
  }
}

async function createAlgorithm(): Promise<void> {
  await page.goto(`${url()}/algorithms/new`)
  await page.getByLabel('Algorithm Name').fill(ALGORITHM)
  await page.getByRole('button', { name: 'Create New Algorithm' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Web IDE' }).click()
  await page.getByRole('textbox', { name: 'Source code editor' }).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(SOURCE)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeDisabled()
  await page.getByRole('button', { name: 'Build', exact: true }).click()
  await expect(page.getByRole('log', { name: 'Console output' })).toContainText('is online', { timeout: 90_000 })
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: `Publish admin/${ALGORITHM}` })
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByRole('radio', { name: /Minor/ }).check()
  await dialog.getByRole('radio', { name: /Private/ }).check()
  await dialog.getByRole('button', { name: 'Publish Version 0.1.0' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('0.1.0')
}
