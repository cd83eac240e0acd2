import type { Random } from '../frame/random'

/** What a call asks of its worker. */
export type Deed =
  | 'echo'
  | 'raise'
  | 'exit'
  | 'crash'
  | 'hang'
  | 'oversize'
  | 'flood-answers'
  | 'flood-output'
  | 'memory'

/** Of a thousand calls; the rest echo. */
const SHARES: Array<[Deed, number]> = [
  ['raise', 10],
  ['exit', 2],
  ['crash', 2],
  ['hang', 2],
  ['oversize', 2],
  ['flood-answers', 1],
  ['flood-output', 3],
  ['memory', 1],
]

export function chooseDeed(random: Random): Deed {
  let drawn = random.share() * 1_000
  for (const [deed, share] of SHARES) {
    drawn -= share
    if (drawn < 0) return deed
  }
  return 'echo'
}

/** How a call of each deed must end: with the id it was given, or with an error of this kind. */
export const ENDINGS: Record<Deed, 'result' | string[]> = {
  echo: 'result',
  raise: ['algorithm_error'],
  exit: ['worker_exit'],
  crash: ['worker_exit'],
  hang: ['timeout'],
  oversize: ['result_too_large'],
  'flood-answers': ['result_too_large'],
  'flood-output': 'result',
  memory: ['out_of_memory'],
}

export const SOAK_ALGORITHM = `import ctypes, os, sys, time
from Algorithmia import ADK

def apply(call):
    deed, key = call["deed"], call["key"]
    print("call", key)
    if deed == "raise": raise ValueError(key)
    if deed == "exit": os._exit(3)
    if deed == "crash": ctypes.string_at(0)
    if deed == "hang": time.sleep(60)
    if deed == "oversize": return "x" * (16 << 20)
    if deed == "flood-answers":
        with open("/tmp/algoout", "wb") as pipe:
            pipe.write(b'{"result": "')
            for _ in range(64): pipe.write(b"x" * (1 << 20))
    if deed == "flood-output":
        for _ in range(3000): print("x" * 1023)
    if deed == "memory":
        blocks = []
        for index in range(40):
            with open("/dev/shm/%d" % index, "wb") as file: file.write(b"x" * (1 << 19))
            blocks.append(b"x" * (16 << 20))
    return key

ADK(apply).init()
`
