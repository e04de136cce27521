import type { Texts } from '../en/texts.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('ar')
/** Keeps digits and Latin letters from mixing with the Arabic around them: LRI and FSI of Unicode (UAX 9), with their end. */
const isolated = (text: string) => (/^[\d\s:-]+$/.test(text) ? `\u2066${text}\u2069` : `\u2068${text}\u2069`)

const SECONDS = { one: 'ثانية واحدة', two: 'ثانيتين', few: '# ثوانٍ', other: '# ثانية' }

export const attendance: Texts['attendance'] = {
  title: 'الحضور',
  filters: 'عوامل التصفية',
  devices: 'الأجهزة',
  allDevices: 'كل الأجهزة',
  person: 'رقم المستخدم',
  personHint: 'كما هو على الجهاز تمامًا، بأصفاره',
  from: 'من',
  until: 'إلى',
  span: 'المدة',
  spans: { today: 'اليوم', yesterday: 'أمس', week: '7 أيام', month: '30 يومًا' },
  clear: 'دون تصفية',
  order: zone => `الأحدث أولًا حسب وقت البصمة. تظهر البصمات الجديدة وحدها. «من» و«إلى» بتوقيت منطقتك، ${zone}.`,
  caption: 'سجلات الحضور',
  none: {
    title: 'لا سجلات حضور بعد',
    text: 'يُخزن هنا ما تسجله الأجهزة، كل بصمة مرة واحدة. أضف جهازًا فيُقرأ سجله.',
    viewer: 'يُخزن هنا ما تسجله الأجهزة، كل بصمة مرة واحدة. يستطيع المدير إضافة جهاز.',
    action: 'أضف جهازًا',
  },
  noMatch: {
    title: 'لا سجل يطابق عوامل التصفية هذه',
    text: 'وسّع المدة أو احذف عاملًا. يجب كتابة رقم المستخدم كاملًا.',
  },
  exports: {
    button: 'تصدير',
    hint: 'كل ما يطابق التصفية، بترتيب تخزينه',
    formats: { csv: 'CSV لأي برنامج', xlsx: 'XLSX لجداول البيانات', jsonl: 'JSON Lines للبرامج' },
  },
  explanation: {
    titleMeanwhile: 'بصمة',
    title: (person, time) => `بصمة ${isolated(person)} في ${isolated(time)}`,
    summary: ({ person, device, state, verify }) =>
      `سجّل ${isolated(person)} بصمة على ${isolated(device)}. حالة البصمة: ${isolated(state)}. طريقة التعرف: ${isolated(verify)}.`,
    time: 'الوقت',
    atDevice: 'على الجهاز',
    zone: 'منطقة الجهاز الزمنية',
    offset: 'الفرق عن UTC',
    instant: 'بتوقيتك',
    stored: 'خُزنت',
    drift: 'ساعة الجهاز حينها',
    ahead: seconds => `متقدمة ${plural(seconds, SECONDS)}`,
    behind: seconds => `متأخرة ${plural(seconds, SECONDS)}`,
    exact: 'مضبوطة بالثانية',
    record: 'تسجيل الجهاز',
    layout: 'البنية',
    length: 'الطول',
    lengthBytes: count => plural(count, { one: 'بايت واحد', two: 'بايتان', few: '# بايتات', other: '# بايت' }),
    bytes: 'البايتات كما وصلت',
    noFields: 'ليست هذه البايتات تسجيلًا من سجل الجهاز، بل حدثًا مباشرًا مثلًا. وهي محفوظة كما وصلت.',
    source: 'من أين جاءت',
    cameBy: 'وصلت عبر',
    run: 'القراءة',
    runOf: id => `رقم ${id}`,
    runStarted: 'بدأت',
    runCounts: 'تسجيلاتها',
    counts: (received, inserted, duplicates) => `وصل ${received}، منها ${inserted} جديدة و${duplicates} مخزنة من قبل`,
    proof: 'الدليل على اكتمالها',
    proofs: {
      counter: (onDevice, before, after) =>
        `في سجل الجهاز ${onDevice} من التسجيلات، وقال عداده ${before} قبل القراءة و${after} بعدها. لا ينقص شيء.`,
      'announced-size': onDevice => `في سجل الجهاز ${onDevice} من التسجيلات، بالطول الذي أعلنه. ولا ينفع عداده.`,
      mismatch: (onDevice, before, after) =>
        `في سجل الجهاز ${onDevice} من التسجيلات، وقال عداده ${before} قبل القراءة و${after} بعدها. وهذا لا يتفق.`,
    },
    noProof: 'لم تقدمه هذه القراءة',
    noRun: 'لا قراءة: وصلت ببث مباشر، أو لم تعد قراءتها محفوظة.',
    toDevice: 'إلى الجهاز',
    toPerson: 'كل بصمات هذا الشخص',
  },
}
