import { DirectionProvider, useDirection } from '@mantine/core'
import { createContext, type ReactNode, use, useEffect, useState } from 'react'
import { loadPart } from '../api/load-part.ts'
import { en, type Texts } from './en/texts.ts'

/** A language needs its line here, a folder beside `en`, and its name in `before-paint.js` where it runs from right to left. */
export const LANGUAGES = {
  en: { name: 'English', dir: 'ltr', load: async () => en },
  ar: { name: 'العربية', dir: 'rtl', load: async () => (await import('./ar/texts.ts')).ar },
} as const satisfies Record<string, { name: string; dir: 'ltr' | 'rtl'; load: () => Promise<Texts> }>

export type Language = keyof typeof LANGUAGES

const STORED_AS = 'rollcall-language'

interface Spoken {
  readonly texts: Texts
  readonly language: Language
  readonly choose: (language: Language) => void
}

const TextsContext = createContext<Spoken | null>(null)

export function useLanguage(): Spoken {
  const spoken = use(TextsContext)
  if (spoken === null) throw new Error('texts are used outside TextsProvider')
  return spoken
}

export function useTexts(): Texts {
  return useLanguage().texts
}

/** Gives everything below its words and its direction. Nothing is shown before the words are there. */
export function TextsProvider({ children }: { children: ReactNode }) {
  return (
    <DirectionProvider detectDirection={false} initialDirection={LANGUAGES[storedLanguage()].dir}>
      <Speaker>{children}</Speaker>
    </DirectionProvider>
  )
}

function Speaker({ children }: { children: ReactNode }) {
  const { setDirection } = useDirection()
  const [language, setLanguage] = useState<Language>(storedLanguage)
  const [texts, setTexts] = useState<Texts | null>(language === 'en' ? en : null)
  useEffect(() => {
    let isWanted = true
    void loadPart(LANGUAGES[language].load).then(loaded => {
      if (!isWanted) return
      document.documentElement.lang = language
      setDirection(LANGUAGES[language].dir)
      setTexts(loaded)
    })
    return () => {
      isWanted = false
    }
  }, [language, setDirection])
  const choose = (wanted: Language) => {
    localStorage.setItem(STORED_AS, wanted)
    setLanguage(wanted)
  }
  return texts === null ? null : <TextsContext value={{ texts, language, choose }}>{children}</TextsContext>
}

function storedLanguage(): Language {
  const stored = localStorage.getItem(STORED_AS)
  return stored !== null && stored in LANGUAGES ? (stored as Language) : 'en'
}
