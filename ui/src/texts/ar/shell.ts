import type { Texts } from '../en/texts.ts'
import { pluralOf } from '../plural.ts'

const plural = pluralOf('ar')

export const shell: Texts['shell'] = {
  skip: 'انتقل إلى المحتوى',
  pages: {
    overview: 'نظرة عامة',
    devices: 'الأجهزة',
    attendance: 'الحضور',
    queue: 'قائمة الانتظار',
    quarantine: 'الحجر',
    settings: 'الإعدادات',
  },
  menu: 'القائمة',
  documentation: 'توثيق واجهة البرمجة',
  theme: { label: 'المظهر', light: 'فاتح', dark: 'داكن', auto: 'حسب النظام' },
  language: 'اللغة',
  signedInAs: (name, role) => `${name}، ${role}`,
  roles: { admin: 'مدير', viewer: 'مشاهد' },
  signOut: 'تسجيل الخروج',
  link: { live: 'مباشر', connecting: 'جارٍ الاتصال', lost: 'غير مباشر', closed: 'متوقف مؤقتًا' },
  lost: {
    title: 'انقطعت التحديثات المباشرة',
    since: time =>
      `لم تسمع هذه الصفحة من الخادم شيئًا منذ ${time}. قد يكون ما تراه قديمًا. تستأنف الصفحة وحدها حين يجيب الخادم، ولا يفوتها شيء.`,
    tryNow: 'حاول الآن',
  },
  states: { online: 'متصل', late: 'متأخر', down: 'معطل', new: 'جديد', paused: 'موقوف' },
  ago: { never: 'أبدًا', justNow: 'الآن' },
  problem: {
    title: 'تعذرت القراءة',
    refused: 'لم يُنفذ هذا',
    away: 'الخادم لا يجيب. سيُسأل ثانية حين يعود.',
    awayForChange: 'الخادم لا يجيب. أعد المحاولة حين يعود.',
    defect: 'صادف الخادم خللًا. في ملف السجل تفاصيل أكثر.',
    retry: 'حاول ثانية',
  },
  loading: 'جارٍ التحميل',
  more: 'عرض المزيد',
  allShown: count =>
    plural(count, {
      one: 'صف واحد، وهو الكل',
      two: 'صفان، وهما الكل',
      few: '# صفوف، وهي الكل',
      other: '# صفًا، وهي الكل',
    }),
  viewerOnly: 'دورك مشاهد: يستطيع المدير تغيير هذا.',
  cancel: 'إلغاء',
  close: 'إغلاق',
  save: 'حفظ',
  done: 'تم',
  showSecret: 'إظهار ما كُتب',
  copy: 'نسخ',
  copied: 'نُسخ',
  yes: 'نعم',
  no: 'لا',
  unknown: 'غير معروف',
  notFound: {
    title: 'لا توجد صفحة كهذه',
    text: 'ربما في العنوان خطأ، أو أُزيل ما كان يسميه.',
    home: 'إلى النظرة العامة',
  },
  crash: {
    title: 'صادفت هذه الصفحة خللًا',
    text: 'لم يضع شيء: ما خُزن باقٍ. أعد تحميل الصفحة، فإن تكرر الخلل فأخبرنا بما يلي.',
    reload: 'أعد التحميل',
  },
}
