import type { Texts } from '../en/index.ts'

export const devices: Texts['devices'] = {}
