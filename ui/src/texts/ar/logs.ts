import type { Texts } from '../en/index.ts'

export const logs: Texts['logs'] = {
  time: 'الوقت على الجهاز',
  person: 'الشخص',
  device: 'الجهاز',
  state: 'البصمة',
  verify: 'طريقة التعرف',
  source: 'وصلت عبر',
  arrived: 'خُزنت',
  explain: (time, person) => `اشرح بصمة ${person} في ${time}`,
  states: {},
  verifyModes: {},
  sources: { poll: 'استعلام', live: 'بث مباشر', push: 'دفع' },
}
