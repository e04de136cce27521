import type { Texts } from '../en/index.ts'

export const quarantine: Texts['quarantine'] = {}
