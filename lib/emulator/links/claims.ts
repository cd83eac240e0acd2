import type { Right } from '../access-keys'
import { covers } from '../sas'

type Claim = { path: string; rights: Right[]; expiresAtMs: number }

/** What one connection has proved through `$cbs`. */
export class Claims {
  #byPath = new Map<string, Claim>()

  put(path: string, rights: Right[], expiresAtMs: number): void {
    this.#byPath.set(path, { path, rights, expiresAtMs })
  }

  allow(address: string, right: Right, nowMs: number): boolean {
    const path = address.toLowerCase()
    const own = this.#byPath.get(path)
    if (own && grants(own, path, right, nowMs)) return true
    for (const claim of this.#byPath.values()) if (grants(claim, path, right, nowMs)) return true
    return false
  }

  /** Forgets what has run out; true when something did. */
  forgetExpired(nowMs: number): boolean {
    const before = this.#byPath.size
    for (const [path, claim] of this.#byPath) if (claim.expiresAtMs <= nowMs) this.#byPath.delete(path)
    return this.#byPath.size < before
  }
}

function grants(claim: Claim, path: string, right: Right, nowMs: number): boolean {
  return claim.expiresAtMs > nowMs && claim.rights.includes(right) && covers(claim.path, path)
}
