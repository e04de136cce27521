import type { Texts } from '../en/texts.ts'

export const logs: Texts['logs'] = {
  time: 'الوقت على الجهاز',
  person: 'الشخص',
  device: 'الجهاز',
  state: 'البصمة',
  verify: 'طريقة التعرف',
  source: 'وصلت عبر',
  arrived: 'خُزنت',
  explain: (time, person) => `اشرح بصمة ${person} في ${time}`,
  states: {
    in: 'دخول',
    out: 'خروج',
    'break out': 'خروج إلى استراحة',
    'break in': 'عودة من استراحة',
    'overtime in': 'دخول إضافي',
    'overtime out': 'خروج إضافي',
    none: 'دون حالة',
  },
  verifyModes: { password: 'كلمة مرور', finger: 'بصمة إصبع', card: 'بطاقة', face: 'وجه' },
  sources: { poll: 'استعلام', live: 'بث مباشر', push: 'دفع' },
  fields: { caption: 'الحقول بعد الفك', name: 'الحقل', value: 'القيمة', meaning: 'المعنى' },
}
