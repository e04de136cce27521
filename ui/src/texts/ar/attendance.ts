import type { Texts } from '../en/index.ts'

export const attendance: Texts['attendance'] = {}
