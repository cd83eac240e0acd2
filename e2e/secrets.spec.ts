import { expect, test } from '@playwright/test'
import { expectAccessible, expectAccessibleInBothSchemes, signIn, url } from './console'

const ALGORITHM = 'secretive'

test('a secret is made, changed and removed, and its value is never shown again', async ({ page }) => {
  await signIn(page)
  await page.goto(`${url()}/algorithms/new`)
  await page.getByLabel('Algorithm Name').fill(ALGORITHM)
  await page.getByRole('button', { name: 'Create New Algorithm' }).click()
  await expect(page.getByRole('dialog', { name: /Successfully created/ })).toBeVisible()
  await page.goto(`${url()}/algorithms/admin/${ALGORITHM}/settings/secrets/new`)
  await page.getByLabel('Display name').fill('The mail password')
  await page.getByLabel('Environment variable name').fill('not a name')
  await page.getByLabel('Value').fill('correct horse')
  await page.getByRole('button', { name: 'Create Secret' }).click()
  await expect(page.getByLabel('Environment variable name')).toHaveAttribute('aria-invalid', 'true')
  await expectAccessibleInBothSchemes(page)
  await page.getByLabel('Environment variable name').fill('MAIL_PASSWORD')
  await page.getByRole('button', { name: 'Create Secret' }).click()
  await expect(page).toHaveURL(/\/settings$/)
  await expect(page.getByText('MAIL_PASSWORD')).toBeVisible()
  expect(await page.content()).not.toContain('correct horse')
  await expectAccessibleInBothSchemes(page)

  await page.getByRole('link', { name: 'Update The mail password' }).click()
  await expect(page.getByLabel('Value')).toHaveValue('')
  await page.getByLabel('Display name').fill('The new mail password')
  await page.getByRole('button', { name: 'Update Secret' }).click()
  await expect(page.getByText('The new mail password')).toBeVisible()
  await page.getByRole('button', { name: 'Remove The new mail password' }).click()
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('deleted for good')
  await expectAccessible(page)
  await question.getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('MAIL_PASSWORD')).toHaveCount(0)
})
