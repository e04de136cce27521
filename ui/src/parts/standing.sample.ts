import type { DeviceStandingJson } from '../api/types.ts'

const AT = '2026-03-02T08:00:00.000Z'

/** A device that stands well, for tests, with what matters to them. */
export function standingSample(
  id: number,
  {
    device,
    ...rest
  }: Partial<Omit<DeviceStandingJson, 'device'>> & { device?: Partial<DeviceStandingJson['device']> } = {},
): DeviceStandingJson {
  return {
    device: {
      id,
      name: `Gate ${id}`,
      host: `10.0.0.${id}`,
      port: 4370,
      transport: 'auto',
      timezone: 'Europe/Berlin',
      is_active: true,
      is_live: false,
      live_state: null,
      sets_clock: false,
      has_comm_key: false,
      serial_number: null,
      model: null,
      firmware: null,
      records_on_device: null,
      log_capacity: null,
      tags: [],
      status: 'ok',
      last_synced_at: AT,
      last_error: null,
      created_at: AT,
      updated_at: AT,
      ...device,
    },
    state: 'online',
    sentence: 'reached a minute ago',
    next_step: null,
    last_contact_at: AT,
    last_punch_at: AT,
    drift_s: 0,
    memory: { records: 10, capacity: 100, percent_full: 10, full_in_days: null },
    quarantined: 0,
    beats: [],
    ...rest,
  }
}
