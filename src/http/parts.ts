import type { Base } from '../base/base.ts'
import type { AuditStore } from '../model/accounts.ts'
import type { Device, TransportSetting } from '../model/device.ts'
import type { JobQueue } from '../model/job-queue.ts'
import type { AttendanceLog } from '../model/punch.ts'
import type { LogFilter, Store } from '../model/store.ts'
import type { AttendanceLogJson, ExplanationJson, ExportFormat } from './api/attendance.ts'
import type { TestReportJson, TestStageJson } from './api/connection-test.ts'
import type { CoverageJson } from './api/devices.ts'
import type { DeviceDetailJson, DeviceStandingJson, OverviewJson } from './api/standings.ts'
import type { Accounts } from './authenticator.ts'
import type { EventSource } from './events.ts'

/** Where the server listens, and whom it believes. */
export interface HttpConfig {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Addresses of proxies whose word on the caller's address, host and protocol counts; none unless named. */
  readonly trustProxy: readonly string[]
  /** What one address may ask in a minute; see {@link REQUESTS_PER_MINUTE}. */
  readonly requestsPerMinute?: number
}

/** Everything that the server works with. */
export interface HttpParts {
  readonly store: Pick<Store, 'devices' | 'people' | 'punches' | 'logs' | 'clocks' | 'standings' | 'ping'>
  readonly queue: Pick<JobQueue, 'counts' | 'list' | 'retry'>
  readonly accounts: Accounts
  readonly audit: Pick<AuditStore, 'record'>
  readonly events: EventSource
  readonly work: HttpWork
  readonly base: Base
  /** Of this Rollcall. */
  readonly version: string
}

/** What is more than a call to the store. The composition root does the same for the command line. */
export interface HttpWork {
  /** Adds names. In the order of `logs`. */
  viewLogs(logs: readonly AttendanceLog[]): Promise<AttendanceLogJson[]>
  /** @throws StoreError `NOT_FOUND`. */
  explain(id: number): Promise<ExplanationJson>
  /** The text of a file in pieces; what is not asked for is not read. */
  exportLogs(format: ExportFormat, filter: LogFilter): AsyncIterable<string | Uint8Array>
  /** @throws StoreError `NOT_FOUND`. */
  coverage(id: number): Promise<CoverageJson>
  /** How each of some devices stands, in their order. */
  standings(devices: readonly Device[]): Promise<DeviceStandingJson[]>
  /** @throws StoreError `NOT_FOUND`. */
  standing(id: number): Promise<DeviceDetailJson>
  /** How many of all devices stand in which state. */
  countStates(): Promise<OverviewJson['devices']>
  /** Begins a sync of an active device and does not wait for its end; one that is under way is not begun again. */
  syncNow(id: number): 'started' | 'running'
  /** Punches that this process has stored since it started. */
  punchesStored(): number
  /** Test Connection of a saved device. @throws StoreError `NOT_FOUND`, `LEASE_HELD`; the reason of `signal`. */
  testDevice(id: number, told: TestTold, signal: AbortSignal): Promise<TestReportJson>
  /** Test Connection of an address. */
  testAddress(target: TestAddress, told: TestTold, signal: AbortSignal): Promise<TestReportJson>
}

export interface TestAddress {
  readonly host: string
  readonly port: number
  readonly transport: TransportSetting
  /** That of the server where it is missing. */
  readonly timezone: string | undefined
  readonly commKey: number
}

export interface TestTold {
  /** Told each stage as it ends. */
  readonly onStage: (stage: TestStageJson) => void
  /** Told once when a sync of the device is under way and is waited for. */
  readonly onWait: (holder: string) => void
}
