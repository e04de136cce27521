import type { Texts } from '../en/index.ts'

export const device: Texts['device'] = {}
