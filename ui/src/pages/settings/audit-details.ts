/** Details of an audit entry on one line each, in the words of the API: `role: admin`, `ids: 3, 4`. */
export function detailLines(details: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(details).map(([name, value]) => `${name}: ${shown(value)}`)
}

/** Of a list that is longer, so many and how many more there are. */
const ITEMS_MAX = 20

function shown(value: unknown): string {
  if (Array.isArray(value)) {
    const more = value.length - ITEMS_MAX
    return [...value.slice(0, ITEMS_MAX).map(shown), ...(more > 0 ? [`… +${more}`] : [])].join(', ')
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
