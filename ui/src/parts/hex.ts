const BYTE = 2
const GROUP = 4 * BYTE

/** Hex in groups of four bytes, as people read it. */
export function hexGroups(hex: string): string {
  return (hex.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? []).join(' ')
}
