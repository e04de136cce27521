import type { Log } from '../base/log.ts'
import type { AuditStore } from '../model/accounts.ts'

/**
 * The writing half of an audit log, for changes that are done already. Where the database refuses the entry, such as when it goes away
 * between the two, the change stands: to answer that it failed would have it done twice. The entry goes to the log file, whole.
 */
export function keptAudit(audit: Pick<AuditStore, 'record'>, log: Pick<Log, 'error'>): Pick<AuditStore, 'record'> {
  return {
    async record(entry) {
      try {
        await audit.record(entry)
      } catch (error) {
        const { who, action, subject, details } = entry
        const because = error instanceof Error ? error.message : String(error)
        const fields = { who, action, subject, details: JSON.stringify(details), because }
        log.error('This entry could not be written to the audit log', fields)
      }
    },
  }
}
