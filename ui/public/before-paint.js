// Sets theme, language and direction before anything is painted, so that no page flashes. A file of its own: inline code is refused.
;(() => {
  const read = name => {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  }
  const chosen = read('rollcall-color-scheme')
  const isDark = chosen === 'dark' || (chosen !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
  if (read('rollcall-language') === 'ar') {
    document.documentElement.lang = 'ar'
    document.documentElement.dir = 'rtl'
  }
})()
