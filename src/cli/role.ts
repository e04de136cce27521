import { ROLES, type Role } from '../model/accounts.ts'
import { usageError } from './arguments.ts'

export const ROLE_HELP = 'viewer: may look at everything; admin: may change it as well'
/** Who made it, in the audit log. */
export const COMMAND_LINE = 'command line'

export function parseRole(text: string): Role {
  const role = ROLES.find(known => known === text)
  if (role) return role
  throw usageError(`--role must be ${ROLES.join(' or ')}, not "${text}".`)
}
