import { expect, type Page, test } from '@playwright/test'
import { connectionString, password, signIn, url } from './console'

const ALGORITHM = 'ByKeyboard'

test('signs in, and connects a broker, with the keyboard alone', async ({ page }) => {
  await page.goto(`${url()}/sign-in`)
  await tabTo(page, 'User name')
  await page.keyboard.type('admin')
  await tabTo(page, 'Password')
  await page.keyboard.type(password())
  await page.keyboard.press('Enter')
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()

  await page.goto(`${url()}/algorithms/new`)
  await tabTo(page, 'Algorithm Name')
  await page.keyboard.type(ALGORITHM)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: /Successfully created/ })).toBeVisible()

  await page.goto(`${url()}/algorithms/admin/${ALGORITHM}/events`)
  const opener = page.getByRole('button', { name: 'Connect broker' })
  await opener.focus()
  await page.keyboard.press('Enter')
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  await expect(modal).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(modal).toBeHidden()
  await expect(opener).toBeFocused()

  await page.keyboard.press('Enter')
  await tabTo(page, 'Queue name')
  await page.keyboard.type('my-queue')
  await tabTo(page, 'Connection string')
  await page.keyboard.insertText(connectionString())
  await tabTo(page, 'Algorithm timeout in seconds')
  await page.keyboard.type('30')
  await page.keyboard.press('Enter')
  await expect(modal).toBeHidden()
  await expect(page.getByRole('link', { name: 'my-queue' })).toBeVisible()
})

test('keeps the focus inside the modal', async ({ page }) => {
  await signIn(page)
  await page.goto(`${url()}/algorithms/admin/${ALGORITHM}/events`)
  await page.getByRole('button', { name: 'New broker' }).click()
  const modal = page.getByRole('dialog', { name: 'Connect Azure SB broker' })
  await expect(modal).toBeVisible()
  for (let step = 0; step < 20; step++) {
    await page.keyboard.press('Tab')
    expect(await modal.evaluate((element) => element.contains(document.activeElement))).toBe(true)
  }
})

/** Presses Tab until the control with this label has the focus. */
async function tabTo(page: Page, label: string): Promise<void> {
  const target = page.getByLabel(label, { exact: true })
  await expect(target).toBeVisible()
  for (let step = 0; step < 40; step++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${label}`)
}
