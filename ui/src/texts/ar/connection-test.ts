import type { Texts } from '../en/texts.ts'
import { lengthText } from '../lengths.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('ar')
const numbers = new Intl.NumberFormat('ar')

const STAGES: Readonly<Record<string, string>> = {
  address: 'العنوان',
  port: 'المنفذ',
  handshake: 'التحية',
  'comm-key': 'مفتاح الاتصال',
  identity: 'الطراز والرقم التسلسلي',
  firmware: 'البرنامج الثابت',
  clock: 'الساعة',
  counters: 'العدادات والذاكرة',
  record: 'قيد من السجل',
  punch: 'بصمة',
}

export const connectionTest: Texts['connectionTest'] = {
  title: 'اختبار الاتصال',
  stages: 'مراحل الاختبار',
  stageName: stage => STAGES[stage] ?? stage,
  status: {
    waiting: 'لم تبدأ',
    running: 'جارية',
    ok: 'سليمة',
    warning: 'تنبيه',
    failed: 'فشلت',
    skipped: 'تُخطيت',
  },
  severity: { failed: 'السبب', warning: 'تنبيه', note: 'ملاحظة' },
  nextStep: 'ما العمل',
  took: ms => `${numbers.format(ms)} مللي ثانية`,
  waitingFor: holder => `تتحدث عملية أخرى مع الجهاز الآن (${holder}). يبدأ الاختبار حين تنتهي.`,
  underWay: (stage, done) =>
    stage === null
      ? `الاختبار جارٍ: ${plural(done, {
          zero: 'لم تكتمل أي مرحلة',
          one: 'اكتملت مرحلة واحدة',
          two: 'اكتملت مرحلتان',
          few: 'اكتملت # مراحل',
          other: 'اكتملت # مرحلة',
        })}.`
      : `الاختبار جارٍ: ${stage}.`,
  ended: {
    finished: 'انتهى الاختبار.',
    failed: 'تعذر إجراء الاختبار.',
    stopped: 'أُنهي الاختبار مبكرًا.',
  },
  results: {
    ok: 'يمكن قراءة الجهاز',
    warning: 'يعمل، وفيه ما يستحق النظر',
    failed: 'هناك ما لا يعمل',
  },
  found: ({ unit, records, users, driftS }) =>
    [
      unit === '' ? null : `‎${unit}‎`,
      records === null
        ? null
        : plural(records, {
            zero: 'لا قيود حضور',
            one: 'قيد حضور واحد',
            two: 'قيدا حضور',
            few: '# قيود حضور',
            many: '# قيد حضور',
            other: '# قيد حضور',
          }),
      users === null
        ? null
        : plural(users, {
            zero: 'لا أشخاص',
            one: 'شخص واحد',
            two: 'شخصان',
            few: '# أشخاص',
            many: '# شخصًا',
            other: '# شخص',
          }),
      driftS === null
        ? null
        : driftS === 0
          ? 'الساعة صحيحة'
          : `الساعة ${driftS > 0 ? 'متقدمة' : 'متأخرة'} ${lengthText('ar', Math.abs(driftS) * 1000)}`,
    ]
      .filter(each => each !== null)
      .join(' · '),
  touch: {
    title: 'المس الجهاز الآن',
    text: 'اكتمل باقي الاختبار. ضع إصبعك أو بطاقتك أو وجهك أمام الجهاز: يُفترض أن تصل البصمة إلى هنا خلال ثانية. وتبقى في سجل الجهاز أيضًا.',
    left: seconds =>
      plural(seconds, {
        zero: 'انتهى الوقت',
        one: 'بقيت ثانية واحدة',
        two: 'بقيت ثانيتان',
        few: 'بقيت # ثوانٍ',
        other: 'بقيت # ثانية',
      }),
    skip: 'لا أستطيع لمسه الآن',
  },
  stop: 'أنهِ الاختبار',
  again: 'اختبر ثانية',
  againWithPunch: 'اختبر ثانية مع بصمة',
}
