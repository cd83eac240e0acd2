import type { RunnableVersion } from '../port'

const keys = new WeakMap<RunnableVersion, string>()

/** Everything that a worker is made of; a worker is never shared between callers. */
export function keyOf(version: RunnableVersion): string {
  const known = keys.get(version)
  if (known) return known
  const key = makeKey(version)
  keys.set(version, key)
  return key
}

function makeKey(version: RunnableVersion): string {
  const { algorithmId, commitSha, callerId, callerDataRight, environmentKey, interpreterPath, networkAccess, limits } =
    version
  const caller = [callerId, callerDataRight]
  return JSON.stringify([algorithmId, commitSha, caller, environmentKey, interpreterPath, networkAccess, limits])
}
