import type { Texts } from '../en/texts.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('ar')

export const overview: Texts['overview'] = {
  counts: 'الأجهزة بالأرقام',
  quarantined: 'في الحجر',
  failedJobs: 'مهام فاشلة',
  queueAway: 'القائمة لا تستجيب',
  attention: {
    title: 'أجهزة تحتاج إلى تدخل',
    nobody: 'لا حاجة إلى تدخل الآن: لا جهاز معطلًا ولا متأخرًا.',
    all: count =>
      plural(count, {
        one: 'الجهاز المعطل أو المتأخر',
        two: 'الجهازان المعطلان أو المتأخران',
        few: 'الأجهزة المعطلة أو المتأخرة كلها، وعددها #',
        other: 'الأجهزة المعطلة أو المتأخرة كلها، وعددها #',
      }),
    heard: 'آخر اتصال',
  },
  today: {
    title: 'بصمات اليوم',
    total: count =>
      plural(count, {
        zero: 'لا بصمات',
        one: 'بصمة واحدة',
        two: 'بصمتان',
        few: '# بصمات',
        many: '# بصمة',
        other: '# بصمة',
      }),
    hour: 'الساعة',
    punches: 'البصمات',
    now: 'الآن',
    bar: (hour, punches) => `${hour}: ${punches}`,
    bars: 'البصمات حسب الساعة. تنقلك مفاتيح الأسهم من ساعة إلى أخرى، ويعرض مفتاح الإدخال سجلات حضورها.',
    table: day => `البصمات حسب الساعة، ${day}`,
  },
  tail: {
    title: 'أحدث البصمات',
    caption: 'أحدث البصمات من الأجهزة كلها',
    all: 'سجلات الحضور كلها',
    empty: 'لا بصمات بعد',
    emptyText: 'تظهر هنا حالما يُقرأ أول جهاز، وتصل الجديدة وأنت تنظر.',
  },
  empty: {
    title: 'لا أجهزة بعد',
    text: 'يقرأ Rollcall سجلات الحضور من أجهزة البصمة. أضف أول جهاز: تحتاج إلى عنوانه في الشبكة، وإلى مفتاح الاتصال إن كان له مفتاح.',
    viewer: 'يقرأ Rollcall سجلات الحضور من أجهزة البصمة. اطلب من المدير إضافة أول جهاز.',
    add: 'أضف أول جهاز',
  },
}
