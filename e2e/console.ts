import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** Where the journeys' Headrace is; set by global-setup. */
export const url = () => process.env.E2E_URL ?? ''
export const password = () => process.env.E2E_PASSWORD ?? ''
export const connectionString = () => process.env.E2E_CONNECTION_STRING ?? ''

/** Signs in at the sign-in page and waits for the console. */
export async function signIn(page: Page, name = 'admin', secret = password()): Promise<void> {
  await page.goto(`${url()}/sign-in`)
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password').fill(secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
}

/** No violation of axe's rules on what is shown now. */
export async function expectAccessible(page: Page): Promise<void> {
  // A live refresh replaces the title: look at the page when it is complete.
  await expect(page).toHaveTitle(/\S/)
  // What fades away has little contrast for a moment: without motion it is there or not.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `    ${node.html}\n    ${node.failureSummary}`).join('\n')}`,
  )
  expect(found, `axe on ${page.url()}`).toEqual([])
}

/** The same in the dark, then back. */
export async function expectAccessibleInBothSchemes(page: Page): Promise<void> {
  await expectAccessible(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible(page)
  await page.emulateMedia({ colorScheme: 'light' })
}
