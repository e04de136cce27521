import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { linkError } from '../../client/reply-errors.ts'
import type { Outcome } from './stages.ts'

/** Gives the addresses of a host name. Rejects with the errors of Node: `code` ENOTFOUND, EAI_AGAIN. */
export type LookUp = (host: string) => Promise<readonly string[]>

/** The look-up of this machine, with its hosts file. */
export const systemLookUp: LookUp = async host => {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}

/** The stage of the address. @throws ConnectionError `HOST_NOT_FOUND`; the reason of `signal`, since no look-up can be stopped. */
export async function findAddress(host: string, lookUp: LookUp, signal: AbortSignal): Promise<Outcome> {
  if (isIP(host) > 0) return { found: `${host}, no name to look up`, details: { host, addresses: [host] } }
  try {
    const addresses = await Promise.race([lookUp(host), aborted(signal)])
    return { found: `${host} is ${addresses.join(', ')}`, details: { host, addresses } }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw linkError(error as Error, host)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
