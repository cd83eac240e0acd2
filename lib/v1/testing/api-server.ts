import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApiKey } from '@/lib/api-keys/commands'
import type { TestUser } from '@/lib/testing/contexts'
import { toNodeListener } from '../node-bridge'
import { handlePublicRequest } from '../public'

export type ApiServer = { address: string; close(): Promise<void> }

/** The HTTP API on a real server, as clients outside meet it. */
export async function startApiServer(): Promise<ApiServer> {
  const server = createServer(toNodeListener(handlePublicRequest))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** A key of the person's account with every right. */
export async function makeApiKey({ ctx }: TestUser): Promise<string> {
  const { key } = await createApiKey(ctx, { label: 'test', algorithmAccess: 'full', dataAccess: 'read_write' })
  return key
}
