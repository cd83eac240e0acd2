import type { ServiceBusAdministrationClient } from '@azure/service-bus'
import type { Server } from '../broker/servers'
import type { BenchOptions } from '../options'
import type { Place } from './place'

/** What the parts of the benchmark share. */
export type Rig = {
  place: Place
  broker: Server
  administration: ServiceBusAdministrationClient
  options: BenchOptions
}

/** Handler calls at a time, of the bare loop and of each flow. */
export const CALLS = 64
