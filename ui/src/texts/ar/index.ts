import type { Texts } from '../en/index.ts'
import { entry } from './entry.ts'
import { shell } from './shell.ts'

export const ar: Texts = { shell, entry }
