/** What a browser may have to fetch before the first page works, compressed by gzip. */
export const FIRST_LOAD_BYTES_MAX = 250_000
/** So many of the largest are named where it is too much. */
const CHUNKS_NAMED = 5

/** The first page that people see is loaded at once, so that its code counts like that of the frame around it. */
const FIRST_PAGE = /(?:^|\/)pages\/overview\.tsx$/

/** The part of Vite's `manifest.json` that says which code loads which, by the names of its entries. */
export type Manifest = Readonly<
  Record<
    string,
    {
      readonly file: string
      readonly src?: string
      readonly imports?: readonly string[]
      readonly dynamicImports?: readonly string[]
    }
  >
>

/** What a build says of itself. */
export interface Built {
  readonly manifest: Manifest
  /** The text of index.html: it may load scripts that are no module, which the manifest does not know. */
  readonly html: string
}

/**
 * The files of JavaScript that the first page needs: those of index.html with what they import, and the page itself with its own.
 *
 * @throws where the manifest has no index.html.
 */
export function firstLoadFiles({ manifest, html }: Built): string[] {
  const entry = manifest['index.html']
  if (!entry) throw new Error('the manifest of the build has no index.html')
  const firstPages = Object.entries(manifest).filter(([name, { src }]) => FIRST_PAGE.test(src ?? name))
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const imported of manifest[name]?.imports ?? []) visit(imported)
  }
  for (const name of ['index.html', ...firstPages.map(([page]) => page)]) visit(name)
  const scripts = [...html.matchAll(/<script\b[^>]*\bsrc="\/([^"]+)"/g)].map(match => match[1] ?? '')
  const files = [...seen].flatMap(name => manifest[name]?.file ?? []).concat(scripts)
  return [...new Set(files)].filter(file => /\.m?js$/.test(file))
}

/** Why a build is too large, in lines; none where it is not. */
export function overBudget(built: Built, gzipBytes: ReadonlyMap<string, number>): string[] {
  const chunks = firstLoadFiles(built).map(file => ({ file, bytes: gzipBytes.get(file) ?? 0 }))
  const total = chunks.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total <= FIRST_LOAD_BYTES_MAX) return []
  const largest = chunks.sort((a, b) => b.bytes - a.bytes).slice(0, CHUNKS_NAMED)
  return [
    `The first page needs ${total} bytes of JavaScript (gzip), and ${FIRST_LOAD_BYTES_MAX} are allowed. The largest of its ${chunks.length} files:`,
    ...largest.map(({ file, bytes }) => `${String(bytes).padStart(8)}  ${file}`),
    'Load with import() what the first page does not need, or take a smaller library.',
  ]
}
