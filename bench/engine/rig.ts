import type { ServiceBusAdministrationClient } from '@azure/service-bus'
import type { Server } from '../broker/servers'
import type { BenchOptions } from '../options'
import type { Place } from './place'
import type { FamilyMeter } from './processes'

/** What the parts of the benchmark share. */
export type Rig = {
  place: Place
  /** Its connections are processes that come and go. */
  postgres: FamilyMeter
  broker: Server
  administration: ServiceBusAdministrationClient
  options: BenchOptions
}

/** Handler calls at a time, of the bare loop and of each flow. */
export const CALLS = 64
