/** Lets the clock of this process go wrong by so much; timers are not touched. */
export function shiftClock(byMs: number): void {
  const Real = globalThis.Date
  globalThis.Date = new Proxy(Real, {
    construct: (_, args, newTarget) =>
      Reflect.construct(
        Real,
        args.length === 0 ? [Real.now() + byMs] : args,
        newTarget === globalThis.Date ? Real : newTarget,
      ),
    get: (target, name) => (name === 'now' ? () => Real.now() + byMs : Reflect.get(target, name)),
  })
}
