import type { Texts } from '../en/texts.ts'

export const newDevice: Texts['newDevice'] = {
  title: 'إضافة جهاز',
  lead: 'يُختبر الاتصال قبل حفظ أي شيء: ترى ما يعمل، وما عليك فعله حيث لا يعمل.',
  steps: { form: '1. أين الجهاز', test: '2. اختبار الاتصال' },
  test: 'اختبر الاتصال',
  testing: (name, address) => `${name}، ‎${address}‎`,
  save: 'احفظ الجهاز',
  saveAnyway: 'احفظه على أي حال',
  back: 'العودة إلى الإعدادات',
  saved: name => `حُفظ ${name}، وتجري قراءته الآن.`,
}
