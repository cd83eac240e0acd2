import { expect, test } from '@playwright/test'
import { expectAccessible, url } from './console'

const WRONG_SIGN_INS = 40

// The last file: from then on this address may not sign in for a while.
test('wrong passwords are refused in one plain sentence, and too many for a while', async ({ page }) => {
  await page.goto(`${url()}/sign-in`)
  const alert = page.getByRole('alert').filter({ hasText: /\w/ })
  await page.getByLabel('User name').fill('nobody_here')
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(alert).toBeVisible()
  const sentence = (await alert.textContent()) ?? ''
  expect(sentence).toMatch(/^[A-Z][^\n]*\.$/)
  await expectAccessible(page)
  let last = sentence
  for (let attempt = 0; attempt < WRONG_SIGN_INS && last === sentence; attempt++) {
    const answered = page.waitForResponse((response) => response.url().includes('/callback/credentials'))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await answered
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
    last = (await alert.textContent()) ?? ''
  }
  expect(last).toMatch(/too many|try again/i)
})
