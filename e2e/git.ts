import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { url } from './console'

/** Makes an algorithm of the default environment by its form. */
export async function createAlgorithm(page: Page, name: string): Promise<void> {
  await page.goto(`${url()}/algorithms/new`)
  await page.getByLabel('Algorithm Name').fill(name)
  await page.getByRole('button', { name: 'Create New Algorithm' }).click()
  await expect(page.getByRole('dialog', { name: `Successfully created admin/${name}` })).toBeVisible()
}

/** A new key that may manage algorithms, as Git's password. */
export async function makeGitKey(page: Page): Promise<string> {
  await page.goto(`${url()}/account/api-keys/new`)
  await page.getByLabel('Label').fill('git')
  await page.getByRole('checkbox', { name: /manage/i }).check()
  await page.getByRole('button', { name: 'Create API Key' }).click()
  const key = page.getByText(/^sim[A-Za-z0-9]{25}$/)
  await expect(key).toBeVisible()
  return (await key.textContent()) ?? ''
}

/** As a developer does it: clone, then for each set of files edit, commit and push. The commits' messages are the keys. */
export function pushByHand(algorithm: string, key: string, commits: Record<string, Record<string, string>>): void {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'headrace-journey-'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: folder })
  const remote = new URL(`/git/admin/${algorithm}.git`, url())
  remote.username = 'git'
  remote.password = key
  try {
    git('clone', '-q', remote.href, '.')
    for (const [message, files] of Object.entries(commits)) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
        writeFileSync(path.join(folder, name), text)
      }
      git('add', '-A')
      git('commit', '-q', '-m', message)
      git('push', '-q')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
