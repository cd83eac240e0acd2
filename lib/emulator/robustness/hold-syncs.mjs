/** Loaded into a broker's process by sync.test.ts: tells when the disk is to keep data, and lets that wait while a file exists. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const RETRY_MS = 5
const sync = fs.fdatasync

fs.fdatasync = (file, done) => {
  process.stderr.write('fdatasync\n')
  const syncUnlessHeld = () =>
    fs.existsSync(process.env.HOLD_SYNCS) ? setTimeout(syncUnlessHeld, RETRY_MS) : sync(file, done)
  syncUnlessHeld()
}
syncBuiltinESMExports()
