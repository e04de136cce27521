const MS_PER_DAY = 86_400_000
/** Text instants sort as instants only within four-digit years, and the first of MySQL is this; no useful one lies outside. */
const FIRST_MS = Date.parse('1000-01-01T00:00:00.000Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** The one form of an instant in the database: `YYYY-MM-DDTHH:MM:SS.sssZ`, in UTC. Sorts as text. */
export function instantText(ms: number): string {
  return new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS)).toISOString()
}

export function instantFrom(text: string): Date {
  return new Date(text)
}

/** {@link instantText} for many instants of few days, which is what a device log is: formats a day once. */
export class InstantFormatter {
  #day = Number.NaN
  #date = ''

  text(ms: number): string {
    if (!(ms >= FIRST_MS && ms <= LAST_MS)) return instantText(ms)
    const day = Math.floor(ms / MS_PER_DAY)
    if (day !== this.#day) {
      this.#date = instantText(day * MS_PER_DAY).slice(0, 11)
      this.#day = day
    }
    const second = Math.floor((ms - day * MS_PER_DAY) / 1000)
    const rest = ms - day * MS_PER_DAY - second * 1000
    const hours = Math.floor(second / 3600)
    const minutes = Math.floor(second / 60) % 60
    return `${this.#date}${twoDigits(hours)}:${twoDigits(minutes)}:${twoDigits(second % 60)}.${threeDigits(rest)}Z`
  }
}

function twoDigits(n: number): string {
  return n < 10 ? `0${n}` : String(n)
}

function threeDigits(n: number): string {
  return n === 0 ? '000' : String(n).padStart(3, '0')
}
