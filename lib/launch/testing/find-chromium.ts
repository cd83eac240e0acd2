import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { canInstallPackages, installDebianPackages } from '../ensure-bubblewrap'
import { step } from '../entry/steps.mjs'

const DEBIAN_CHROMIUM = '/usr/bin/chromium'

/** The browser that the journeys use: Debian's own where it is, else the one that Playwright installed. */
export function findChromium(): string | undefined {
  if (existsSync(DEBIAN_CHROMIUM)) return DEBIAN_CHROMIUM
  const own = chromium.executablePath()
  return own && existsSync(own) ? own : undefined
}

/** Brings a browser where we may. Returns a sentence for people when there is none. */
export async function ensureChromium(): Promise<string | undefined> {
  if (findChromium()) return undefined
  const advice = 'There is no browser for the journeys: `npx playwright install --with-deps chromium`, then run again.'
  if (!canInstallPackages()) return advice
  const failure = await step('Installing Chromium for the journeys (apt-get)', () =>
    installDebianPackages(['chromium']),
  )
  return failure ? `${advice}\n\`apt-get install chromium\` says:\n${failure}` : undefined
}
