import { recordAudit } from '@/lib/audit/commands'
import { type Context, requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import { publishLive } from '@/lib/live/bus'
import { currentRuntime } from '@/lib/runtime/current'
import { forgetRuntimeSettings, RUNTIME_SETTINGS_KEY } from './queries'
import { policyOf, RuntimeSettings, type UpdateRuntimeSettings } from './schema'

/**
 * Sets what workers may use on this installation. It holds for workers that start from now on; those that a new
 * maximum or allow-list changes something for are replaced after their call, those of event flows too. Throws `invalid_input` by field.
 */
export async function updateRuntimeSettings(ctx: Context, input: UpdateRuntimeSettings): Promise<void> {
  requireAdmin(ctx)
  const settings = RuntimeSettings.parse(input)
  await db().$transaction(async (tx) => {
    const before = await tx.setting.findUnique({ where: { key: RUNTIME_SETTINGS_KEY }, select: { value: true } })
    await tx.setting.upsert({
      where: { key: RUNTIME_SETTINGS_KEY },
      create: { key: RUNTIME_SETTINGS_KEY, value: settings },
      update: { value: settings },
    })
    await recordAudit(tx, ctx, {
      action: 'settings.update',
      targetKind: 'settings',
      targetName: RUNTIME_SETTINGS_KEY,
      details: { changed: changedFields(before?.value, settings).join(', ') },
    })
  })
  forgetRuntimeSettings()
  currentRuntime().runtime.configure(policyOf(settings))
  publishLive('admin', 'engines')
}

function changedFields(before: unknown, after: RuntimeSettings): string[] {
  const known = RuntimeSettings.catch(RuntimeSettings.parse({})).parse(before ?? {})
  const keys = Object.keys(after) as Array<keyof RuntimeSettings>
  return keys.filter((key) => JSON.stringify(known[key]) !== JSON.stringify(after[key]))
}
