import { controlCommands } from './control-commands.ts'
import type { Handler } from './handler.ts'
import { optionCommands } from './option-commands.ts'
import { readCommands } from './read-commands.ts'
import { sessionCommands } from './session-commands.ts'

/** What the plain device understands, by command. Everything else it answers with 65535. */
export const COMMAND_TABLE: ReadonlyMap<number, Handler> = new Map([
  ...sessionCommands,
  ...optionCommands,
  ...controlCommands,
  ...readCommands,
])
