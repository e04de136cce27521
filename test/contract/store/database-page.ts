import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ENGINES = ['sqlite', 'postgres', 'mysql'] as const
export type EngineName = (typeof ENGINES)[number]

/** SQL that stands in a page, under the next heading above it. */
export interface PageSql {
  readonly heading: string
  readonly engines: readonly EngineName[]
  readonly sql: string
}

export function readPage(name: string): string {
  return readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8')
}

/** The fenced blocks of a page whose first line is `sql` and the engines that they are for: ```` ```sql sqlite postgres ````. */
export function sqlOf(page: string): PageSql[] {
  return page.split(/^(?=##+ )/m).flatMap(section => {
    const heading = /^##+ (.*)/.exec(section)?.[1] ?? ''
    const blocks = section.matchAll(/^```sql(.*)\n([\s\S]*?)^```$/gm)
    return Array.from(blocks, ([, marker = '', sql = '']) => {
      const engines = marker.trim().split(/\s+/)
      if (engines.every(isEngine)) return { heading, engines, sql }
      throw new Error(`under "${heading}" stands SQL that names no engine: ${marker}`)
    })
  })
}

/** Each `table.column type` that a page promises for an engine, `, null` behind it where the value may be missing. */
export function columnsOf(page: string, engine: EngineName): string[] {
  return page.split(/^## /m).flatMap(section => {
    const table = section.slice(0, section.indexOf('\n'))
    const rows = section.matchAll(/^\| `(\w+)` \| ([\w–]+)(, null)? \| ([\w()]+) \| ([\w()]+) \|/gm)
    return Array.from(rows, ([, column, sqlite, isNullable = '', postgres, mysql]) => {
      const type = { sqlite, postgres, mysql }[engine]
      return type === '–' ? [] : [`${table}.${column} ${type}${isNullable}`]
    }).flat()
  })
}

function isEngine(word: string): word is EngineName {
  return (ENGINES as readonly string[]).includes(word)
}
