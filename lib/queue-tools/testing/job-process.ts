import { openQueueTools } from '../broker/service-bus'
import { startJobRunner } from '../jobs/runner'

/** Where the process is to die, as if by a crash. */
export type JobCrashStep = 'after a copy was sent' | 'before its dead letter is completed'

/** Works on jobs as a process of its own that kills itself at the step that the first argument names. */
const step = process.argv[2] as JobCrashStep

const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('unreachable')
}

startJobRunner({
  pollMs: 50,
  openTools: (address) => {
    const tools = openQueueTools(address)
    return {
      ...tools,
      sendCopy: async (message, changes) => {
        await tools.sendCopy(message, changes)
        if (step === 'after a copy was sent') die()
      },
      openTaker: (place) => {
        const taker = tools.openTaker(place)
        const take = async (count: number, waitMs: number) =>
          (await taker.take(count, waitMs)).map((message) => ({
            ...message,
            complete: async () => {
              if (step === 'before its dead letter is completed') die()
              await message.complete()
            },
          }))
        return { ...taker, take }
      },
    }
  },
})
// The runner's own waits keep no process alive.
setInterval(() => {}, 1_000)
