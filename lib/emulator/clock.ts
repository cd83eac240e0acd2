/** Time in milliseconds since 1970; injected so that tests move it by hand. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()
