import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'

const MEMBER = 'grace'

let memberPassword: string

test.describe.configure({ mode: 'serial' })

test('an administrator invites a user and sees the password once', async ({ page }) => {
  await signIn(page)
  await page.getByRole('button', { name: 'Admin', exact: true }).click()
  await page.getByRole('link', { name: 'Users' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'New user' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('User name').fill(MEMBER)
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Create user' }).click()
  await expect(dialog.getByRole('heading', { name: `${MEMBER} can sign in now` })).toBeVisible()
  memberPassword = ((await dialog.getByRole('definition').nth(1).textContent()) ?? '').trim()
  await page.reload()
  await expect(page.getByText(memberPassword)).toHaveCount(0)
})

test('a member finds no page of another account and none of an administrator', async ({ page, browser }) => {
  const admin = await browser.newPage()
  await signIn(admin)
  const paths = await pathsOfAdministrator(admin)
  await admin.close()
  await signIn(page, MEMBER, memberPassword)
  await expect(page.getByRole('button', { name: 'Admin', exact: true })).toHaveCount(0)
  for (const path of paths) {
    const response = await page.goto(`${url()}${path}`)
    expect(response?.status(), path).toBe(404)
    await expect(page.getByText(/not found/i).first(), path).toBeVisible()
  }
  await expectAccessibleInBothSchemes(page)
})

/** Pages that are there for the administrator: what the guide's journey made, when it ran before, and the admin's. */
async function pathsOfAdministrator(page: Page): Promise<string[]> {
  await page.goto(`${url()}/event-flows`)
  const flows = await page
    .locator('a[href^="/event-flows/"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
  await page.goto(`${url()}/algorithms/new`)
  await page.getByLabel('Algorithm Name').fill('Hidden')
  await page.getByRole('button', { name: 'Create New Algorithm' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  const algorithm = '/algorithms/admin/Hidden'
  const tabs = ['', '/builds', '/versions', '/events', '/settings', '/source'].map((tab) => `${algorithm}${tab}`)
  return [
    ...tabs,
    ...flows.filter((path) => path.split('/').length === 3 && !path.endsWith('listeners')),
    '/admin',
    '/admin/users',
  ]
}

test('nobody sees a page without signing in', async ({ page }) => {
  for (const path of ['/', '/algorithms', '/data', '/event-flows', '/admin', '/account']) {
    await page.goto(`${url()}${path}`)
    await expect(page, path).toHaveURL(/\/sign-in/)
  }
})
