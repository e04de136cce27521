import { entry } from './entry.ts'
import { shell } from './shell.ts'

/** Everything that the pages say in English. The other languages have the same shape, which the type check holds. */
export const en = { shell, entry }

export type Texts = typeof en
