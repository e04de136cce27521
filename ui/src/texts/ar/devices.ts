import type { Texts } from '../en/texts.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('ar')

/** جهاز, جهازان, أجهزة, جهازًا: as they stand by themselves. */
const counted = (count: number) =>
  plural(count, {
    zero: 'لا أجهزة',
    one: 'جهاز واحد',
    two: 'جهازان',
    few: '# أجهزة',
    many: '# جهازًا',
    other: '# جهاز',
  })

export const devices: Texts['devices'] = {
  add: 'إضافة جهاز',
  table: 'الأجهزة وحال كل منها',
  columns: {
    name: 'الجهاز',
    state: 'الحالة',
    beats: 'آخر القراءات',
    last_punch: 'آخر بصمة',
    last_contact: 'آخر اتصال',
    records: 'السجلات',
    memory: 'الذاكرة',
    drift: 'الساعة',
  },
  filters: {
    label: 'التصفية',
    search: 'بحث',
    searchHint: 'الاسم أو العنوان أو الرقم التسلسلي أو الوسم',
    state: 'الحالة',
    anyState: 'كل الحالات',
    tag: 'الوسم',
    anyTag: 'كل الوسوم',
    sort: 'ترتيب حسب',
    turn: 'اعكس الترتيب',
    clear: 'عرض الأجهزة كلها',
  },
  beats: {
    none: 'لا قراءات بعد',
    summary: (runs, parts) =>
      `${plural(runs, {
        one: 'آخر قراءة',
        two: 'آخر قراءتين',
        few: 'آخر # قراءات',
        many: 'آخر # قراءة',
        other: 'آخر # قراءة',
      })}: ${parts}`,
    counts: {
      ok: count => plural(count, { other: '# ناجحة' }),
      failed: count => plural(count, { other: '# فاشلة' }),
      interrupted: count => plural(count, { other: '# منقطعة' }),
      running: count => plural(count, { other: '# جارية' }),
    },
    states: { ok: 'ناجحة', failed: 'فاشلة', interrupted: 'منقطعة', running: 'جارية' },
    inserted: count =>
      plural(count, {
        zero: 'لا سجلات جديدة',
        one: 'سجل جديد واحد',
        two: 'سجلان جديدان',
        few: '# سجلات جديدة',
        many: '# سجلًا جديدًا',
        other: '# سجل جديد',
      }),
  },
  clock: {
    right: 'مضبوطة',
    ahead: time => `متقدمة ${time}`,
    behind: time => `متأخرة ${time}`,
  },
  fullIn: days =>
    plural(days, {
      one: 'تمتلئ خلال يوم',
      two: 'تمتلئ خلال يومين',
      few: 'تمتلئ خلال # أيام',
      many: 'تمتلئ خلال # يومًا',
      other: 'تمتلئ خلال # يوم',
    }),
  fullSoon: 'تمتلئ خلال يوم',
  count: counted,
  countOf: (shown, all) => `المعروض ${plural(shown, { other: '#' })} من ${counted(all)}`,
  select: {
    one: name => `تحديد ${name}`,
    all: count => `تحديد كل المعروض: ${counted(count)}`,
    selected: count => `حُدد ${counted(count)}`,
    clear: 'إلغاء التحديد',
    bar: 'ما يُفعل بالأجهزة المحددة',
  },
  actions: {
    sync: 'مزامنة الآن',
    pause: 'إيقاف مؤقت',
    resume: 'استئناف',
    pauseTitle: count => `إيقاف مؤقت: ${counted(count)}`,
    pauseActive: count =>
      plural(count, {
        one: 'لن يُقرأ جهاز واحد حتى يستأنفه أحد. تبقى بصماته في ذاكرته، وتُخزن بعد ذلك ما دام يحتفظ بها.',
        two: 'لن يُقرأ جهازان حتى يستأنفهما أحد. تبقى بصماتهما في ذاكرتيهما، وتُخزن بعد ذلك ما داما يحتفظان بها.',
        few: 'لن تُقرأ # أجهزة حتى يستأنفها أحد. تبقى بصماتها في ذاكرتها، وتُخزن بعد ذلك ما دامت تحتفظ بها.',
        many: 'لن يُقرأ # جهازًا حتى يستأنفها أحد. تبقى بصماتها في ذاكرتها، وتُخزن بعد ذلك ما دامت تحتفظ بها.',
        other: 'لن يُقرأ # جهاز حتى يستأنفها أحد. تبقى بصماتها في ذاكرتها، وتُخزن بعد ذلك ما دامت تحتفظ بها.',
      }),
    pausePaused: count => `موقوف من قبل: ${counted(count)}.`,
    pauseNone: 'كلها موقوفة من قبل: لا يتغير شيء.',
    outcome: {
      started: count => `بدأت مزامنة ${counted(count)}.`,
      running: count => `جارية من قبل: ${counted(count)}.`,
      paused: count => `أُوقف مؤقتًا: ${counted(count)}.`,
      resumed: count => `استؤنف: ${counted(count)}.`,
      unchanged: count => `كان كذلك من قبل: ${counted(count)}.`,
      inactive: count => `موقوف فلم يُزامَن: ${counted(count)}. استأنف أولًا.`,
      not_found: count => `أُزيل في هذه الأثناء: ${counted(count)}.`,
    },
  },
  empty: {
    title: 'لا أجهزة بعد',
    text: 'يُقرأ الجهاز حالما تضيفه، ثم كل بضع دقائق. تحتاج إلى عنوانه في الشبكة، وإلى مفتاح الاتصال إن كان له مفتاح.',
    viewer: 'يستطيع المدير إضافة أول جهاز.',
  },
  noneFits: {
    title: 'لا جهاز يطابق',
    text: 'لا جهاز له هذه الحالة أو الوسم، ولا هذا النص في اسمه أو عنوانه أو رقمه التسلسلي.',
  },
}
