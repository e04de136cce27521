import { printable } from './terminal.ts'

/** Errors say what is the case; in front of people that is a sentence. */
export function sentence(text: string): string {
  const whole = capital(printable(text.trim()))
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

/** With a capital, unless it begins with an option, a variable or a command. */
export function capital(text: string): string {
  return /^[a-z][a-z]* /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}
