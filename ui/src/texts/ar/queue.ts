import type { Texts } from '../en/texts.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('ar')

export const queue: Texts['queue'] = {
  title: 'قائمة الانتظار',
  about:
    'مهام يتقاسمها العاملون: كل مهمة تزامن جهازًا واحدًا. الاستعلام عبر «rollcall start» يقرأ الأجهزة وحده ولا يحتاج إليها.',
  choose: 'المهام المعروضة',
  states: { waiting: 'منتظرة', active: 'جارية', failed: 'فاشلة' },
  captions: { waiting: 'المهام المنتظرة', active: 'المهام الجارية', failed: 'المهام الفاشلة' },
  device: 'الجهاز',
  unknownDevice: id => `الجهاز ${id}`,
  queued: 'أُدرجت',
  started: 'بدأت',
  failed: 'فشلت',
  notBefore: 'ليس قبل',
  atOnce: 'فورًا',
  tries: 'المحاولات',
  error: 'خطأ آخر محاولة',
  noError: 'لا خطأ',
  retry: 'أعد المحاولة',
  retryOf: device => `أعد المحاولة: ${device}`,
  retryAll: count =>
    plural(count, {
      one: 'أعد محاولة المهمة الفاشلة',
      two: 'أعد محاولة المهمتين الفاشلتين',
      few: 'أعد محاولة # مهام فاشلة كلها',
      other: 'أعد محاولة # مهمة فاشلة كلها',
    }),
  retryAllTitle: 'إعادة المهام الفاشلة؟',
  retryAllEffect: count =>
    plural(count, {
      one: 'تنتظر مهمة واحدة من جديد بكل محاولاتها، وينفذها عامل حالما يفرغ.',
      two: 'تنتظر مهمتان من جديد بكل محاولاتهما، وينفذهما العاملون حالما يفرغون.',
      few: 'تنتظر # مهام من جديد بكل محاولاتها، وينفذها العاملون حالما يفرغون.',
      other: 'تنتظر # مهمة من جديد بكل محاولاتها، وينفذها العاملون حالما يفرغون.',
    }),
  retried: count =>
    plural(count, {
      zero: 'لم تعد أي مهمة إلى الانتظار',
      one: 'تنتظر مهمة واحدة من جديد',
      two: 'تنتظر مهمتان من جديد',
      few: 'تنتظر # مهام من جديد',
      other: 'تنتظر # مهمة من جديد',
    }),
  none: {
    waiting: {
      title: 'لا مهمة منتظرة',
      text: 'القائمة للأساطيل التي يزامنها عدة عاملين: يملؤها attendance:live-sync ويفرغها queue:work. ولا يحتاج إليها الاستعلام عبر «rollcall start».',
    },
    active: { title: 'لا مهمة جارية', text: 'تظهر المهمة هنا ما دام عامل (queue:work) يزامن جهازها.' },
    failed: {
      title: 'لم تفشل أي مهمة',
      text: 'تفشل المهمة بعد ثلاث محاولات، أو فورًا حين لا تنفع الإعادة. وتبقى هنا حتى تُعاد محاولتها.',
    },
  },
}
