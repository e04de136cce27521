import { type Device, deviceStatus } from '../model/device.ts'

export const LIVE_HELP = 'on: hear its punches as they happen; off: poll it alone'
export const TAG_HELP = 'a word to find it by; may be given several times'
export const AUTO_CLOCK_HELP = 'on: set its clock where it is wrong; off: leave its clock alone'

/** `192.168.1.201:4370`, brackets around an IPv6 address. */
export function addressText({ host, port }: Pick<Device, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** How a device is, and which wishes it has: `ok`, `failing, live (down)`, `new, live, auto-clock`. */
export function statusAndWishes(device: Device): string {
  const live = device.liveState === null || device.liveState === 'listening' ? 'live' : `live (${device.liveState})`
  return [deviceStatus(device), ...(device.isLive ? [live] : []), ...(device.setsClock ? ['auto-clock'] : [])].join(
    ', ',
  )
}
