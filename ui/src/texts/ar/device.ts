import type { Texts } from '../en/texts.ts'
import { lengthText } from '../lengths.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('ar')
const numbers = new Intl.NumberFormat('ar')
const seconds = new Intl.NumberFormat('ar', { maximumFractionDigits: 1 })

const records = (count: number) =>
  plural(count, {
    zero: 'لا قيود',
    one: 'قيد واحد',
    two: 'قيدان',
    few: '# قيود',
    many: '# قيدًا',
    other: '# قيد',
  })

export const device: Texts['device'] = {
  title: 'الجهاز',
  missing: {
    title: 'لا جهاز كهذا',
    lead: 'لا يوجد جهاز بهذا الرقم',
    text: 'ربما أُزيل، أو في العنوان خطأ.',
    back: 'إلى الأجهزة',
  },
  sync: 'زامن الآن',
  syncing: 'تجري المزامنة',
  syncTold: {
    started: 'بدأت المزامنة. تظهر البصمات الجديدة فور تخزينها.',
    running: 'تجري مزامنة لهذا الجهاز بالفعل.',
  },
  test: 'اختبر الاتصال',
  pause: 'أوقف مؤقتًا',
  resume: 'استأنف',
  paused: 'أُوقف: لا يُقرأ الجهاز حتى تستأنف، ويحتفظ ببصماته حتى ذلك الحين.',
  resumed: 'استؤنف: يُقرأ الجهاز من جديد.',
  standing: 'حال الجهاز',
  nextStep: 'ما العمل',
  more: 'المزيد عن هذا الجهاز',
  progress: {
    label: 'تقدم المزامنة',
    begins: 'تبدأ المزامنة',
    records: (received, total) => `قُرئ ${received} من ${total} من القيود`,
  },
  facts: {
    lastPunch: 'آخر بصمة',
    lastContact: 'آخر اتصال',
    logs: 'سجلات الحضور المخزنة',
    memory: 'ذاكرة الجهاز',
    clock: 'الساعة',
    quarantined: 'الحجر',
    records,
    address: 'العنوان',
    transport: 'بروتوكول النقل',
    timezone: 'المنطقة الزمنية',
    model: 'الطراز',
    firmware: 'البرنامج الثابت',
    serial: 'الرقم التسلسلي',
    mode: 'كيف تصل البصمات',
    layout: 'بنية القيود',
    commKey: 'يوجد مفتاح اتصال',
    setsClock: 'يضبط Rollcall الساعة',
    tags: 'الوسوم',
    noTags: 'لا شيء',
    added: 'أُضيف',
  },
  sections: 'أقسام هذه الصفحة',
  tabs: {
    logs: 'سجلات الحضور',
    runs: 'القراءات',
    coverage: 'التغطية',
    people: 'الأشخاص',
    clock: 'الساعة',
    settings: 'الإعدادات',
  },
  logs: {
    caption: name => `سجلات حضور ${name}، الأحدث أولًا`,
    empty: 'لا سجلات حضور بعد',
    emptyText: 'تصل مع أول مزامنة، ثم وحدها بعد ذلك. إن لم يصل شيء فاختبر الاتصال.',
  },
  runs: {
    caption: name => `قراءات ${name}، الأحدث أولًا`,
    empty: 'لم يُقرأ هذا الجهاز بعد',
    emptyText: 'كل صف هنا قراءة واحدة لسجل الجهاز. زامنه الآن، أو انتظر الموعد.',
    begun: 'بدأت',
    result: 'النتيجة',
    read: 'ما قُرئ',
    records: 'القيود',
    proof: 'إثبات العدد',
    took: ms => `استغرقت ${seconds.format(ms / 1000)} ث`,
    states: { ok: 'سليمة', failed: 'فشلت', open: 'لم تنتهِ' },
    modes: { full: 'السجل كله', tail: 'آخر السجل', unchanged: 'لا شيء: لم يتغير العداد' },
    because: {
      'first-read': 'لم يكن شيء معروفًا عن هذا السجل',
      'asked-for': 'طلبها أحدهم',
      'comparison-due': 'المقارنة اليومية',
      'last-run-failed': 'فشلت القراءة السابقة',
      'log-full': 'السجل ممتلئ، وقد تحل قيود جديدة محل القديمة',
      'counter-fell': 'يعدّ الجهاز قيودًا أقل من قبل',
      'firmware-changed': 'تغير البرنامج الثابت',
      'log-changed': 'لم يعد آخر السجل كما كان',
      'slice-not-honoured': 'لا يرسل الجهاز أجزاء من سجله',
      'never-buffered': 'لا يرسل البرنامج الثابت السجل إلا كاملًا',
      'small-log': 'يسع السجلَّ رزمةٌ واحدة',
    },
    counts: ({ received, inserted, duplicates, quarantined }) =>
      `وصل ${numbers.format(received)} = جديد ${numbers.format(inserted)} + معروف ${numbers.format(duplicates)} + في الحجر ${numbers.format(quarantined)}`,
    proofs: {
      counter: ({ records: read, before, after }) =>
        before === after
          ? `مثبت: ${records(read)}، بقدر ما يعدّ الجهاز`
          : `مثبت: ${records(read)}؛ عدّ الجهاز ${numbers.format(before)} قبل القراءة و${numbers.format(after)} بعدها`,
      'announced-size': ({ records: read }) => `مثبت بالحجم الذي أعلنه الجهاز: ${records(read)}؛ ولا عداد له للمقارنة`,
      mismatch: ({ records: read, before, after }) =>
        `لا يتطابق: ${records(read)}، وعدّ الجهاز ${numbers.format(before)} قبل القراءة و${numbers.format(after)} بعدها`,
      none: () => 'لا إثبات: لم تبلغ القراءة نهايتها',
    },
  },
  coverage: {
    empty: 'لم يثبت شيء بعد',
    emptyText: 'بعد أول قراءة كاملة يظهر هنا في أي وقت خُزنت كل بصمة، وأين الفجوات.',
    list: 'الفترات، الأحدث أولًا',
    bar: (complete, gaps) =>
      `${plural(complete, {
        zero: 'لا فترات كاملة',
        one: 'فترة كاملة واحدة',
        two: 'فترتان كاملتان',
        few: '# فترات كاملة',
        other: '# فترة كاملة',
      })}، و${plural(gaps, {
        zero: 'لا فجوات',
        one: 'فجوة واحدة',
        two: 'فجوتان',
        few: '# فجوات',
        other: '# فجوة',
      })}؛ كل منها في القائمة أدناه`,
    hatched: 'المخطط بخطوط مائلة: فجوات. تُرسم الفترات القصيرة جدًا أعرض مما هي.',
    kinds: { complete: 'كاملة', gap: 'فجوة' },
    now: 'الآن',
    span: (from, until) => `من ${from} إلى ${until}`,
    length: ms => lengthText('ar', ms),
    why: 'السبب',
    missing: 'ما قد يكون ناقصًا',
  },
  people: {
    caption: name => `الأشخاص على ${name}`,
    empty: 'لا أحد معروف على هذا الجهاز بعد',
    emptyText: 'تُقرأ الأسماء من الجهاز مع سجله.',
    userId: 'رقم المستخدم',
    name: 'الاسم',
    noName: 'بلا اسم',
    slot: 'الخانة',
    firstSeen: 'أول ظهور',
    lastSeen: 'آخر ظهور',
  },
  clock: {
    caption: name => `قراءات ساعة ${name}، الأحدث أولًا`,
    empty: 'لم تُقرأ الساعة بعد',
    emptyText: 'تُقرأ مع كل مزامنة، وتُقارن بساعة الخادم.',
    drift: driftS =>
      driftS === 0 ? 'صحيحة' : `${driftS > 0 ? 'متقدمة' : 'متأخرة'} ${lengthText('ar', Math.abs(driftS) * 1000)}`,
    chart: ({ from, until, least, most, sets }) =>
      `من ${from} إلى ${until} كانت الساعة بين «${least}» و«${most}»${
        sets === 0
          ? ''
          : `، وضُبطت ${plural(sets, { one: 'مرة واحدة', two: 'مرتين', few: '# مرات', other: '# مرة' })} (الدوائر)`
      }.`,
    readAt: 'متى',
    localTime: 'ما قاله الجهاز',
    driftTitle: 'الانحراف',
    what: 'ماذا جرى',
    kinds: { read: 'قُرئت', set: 'ضبطها Rollcall' },
  },
  settings: {
    saved: 'حُفظت الإعدادات.',
    unchanged: 'لم يتغير شيء.',
    leave: 'لم يُحفظ ما غيّرته في الإعدادات. هل تتركه؟',
  },
  remove: {
    title: 'إزالة هذا الجهاز',
    text: 'يُزال معه كل ما قُرئ منه. إن أردت الاحتفاظ بالمخزَّن والكف عن القراءة فحسب، فأوقفه مؤقتًا بدلًا من ذلك.',
    verb: 'أزل الجهاز',
    question: name => `إزالة ${name}؟`,
    effect: ({ logs, quarantined }) =>
      `سيُحذف ${plural(logs, {
        zero: 'صفر من سجلات الحضور',
        one: 'سجل حضور واحد',
        two: 'سجلا حضور',
        few: '# سجلات حضور',
        many: '# سجل حضور',
        other: '# سجل حضور',
      })}، ومن الحجر: ${records(quarantined)}، وكل قراءاته وأشخاصه وقراءات ساعته. لا يمكن التراجع عن هذا. ويبقى على الجهاز ما يحمله.`,
    done: name => `أُزيل ${name}.`,
  },
}
