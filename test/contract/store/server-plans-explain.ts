import type mysql from 'mysql2/promise'
import type { ServerAddress } from '../../../src/store/server-address.ts'
import { withMysql, withPostgres } from '../../servers/recipes.ts'

/** How a server executed a statement. */
export interface Plan {
  /** Rows of tables that it went through, those included that it then passed over. */
  readonly touchedRows: number
  /** Rows that it put in order. */
  readonly sortedRows: number
  /** Whether it read a table from end to end. */
  readonly readsWholeTable: boolean
  /** For people. */
  readonly text: string
}

interface PostgresNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: PostgresNode[]
}

export async function postgresPlan(address: ServerAddress, sql: string, values: readonly unknown[]): Promise<Plan> {
  return withPostgres(address, async client => {
    const { rows } = await client.query(`explain (analyze, format json) ${sql}`, [...values])
    const { Plan: top } = rows[0]['QUERY PLAN'][0] as { Plan: PostgresNode }
    const nodes = nodesOf(top)
    const tables = nodes.filter(node => node['Relation Name'] !== undefined)
    const sorts = nodes.filter(node => /Sort/.test(node['Node Type']))
    return {
      touchedRows: sum(tables.map(node => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * loops(node))),
      sortedRows: sum(sorts.flatMap(node => node.Plans ?? []).map(node => node['Actual Rows'] * loops(node))),
      readsWholeTable: tables.some(node => /Seq Scan/.test(node['Node Type'])),
      text: JSON.stringify(top, null, 1),
    }
  })
}

function nodesOf(node: PostgresNode): PostgresNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

function loops(node: PostgresNode): number {
  return node['Actual Loops']
}

/** One access of a table, as MariaDB tells it. */
interface MariadbTable {
  /** Absent where the answer was known without a look. */
  readonly table_name?: string
  readonly access_type: string
  readonly key?: string
  readonly used_key_parts?: string[]
  readonly r_rows?: number
  readonly r_loops?: number
}

/** MariaDB has `analyze format=json`; the counterpart of MySQL is another statement. */
export async function mysqlPlan(address: ServerAddress, sql: string, values: readonly unknown[]): Promise<Plan> {
  const plan = await explained(address, `analyze format=json ${sql}`, values)
  const tables = found<MariadbTable>(plan, 'table').filter(isStored)
  return {
    touchedRows: sum(tables.map(table => (table.r_rows ?? 0) * (table.r_loops ?? 0))),
    sortedRows: sum(found<{ r_output_rows?: number }>(plan, 'filesort').map(sort => sort.r_output_rows ?? 1)),
    readsWholeTable: tables.some(table => table.access_type === 'ALL'),
    text: JSON.stringify(plan, null, 1),
  }
}

/** What a change would look up, without being made. */
export async function mysqlAccesses(address: ServerAddress, sql: string, values: readonly unknown[]) {
  return found<MariadbTable>(await explained(address, `explain format=json ${sql}`, values), 'table')
}

async function explained(address: ServerAddress, sql: string, values: readonly unknown[]): Promise<unknown> {
  return withMysql(address, async connection => {
    const [rows] = await connection.query<mysql.RowDataPacket[]>(sql, [...values])
    return JSON.parse(String(Object.values(rows[0] ?? {})[0]))
  })
}

/** A part of the query that was worked out first has a name in angle brackets. */
function isStored(table: MariadbTable): boolean {
  return table.table_name !== undefined && !table.table_name.startsWith('<')
}

/** Every value under that name, at any depth. */
function found<Value>(plan: unknown, name: string): Value[] {
  if (typeof plan !== 'object' || plan === null) return []
  const own = name in plan ? [(plan as Record<string, Value>)[name] as Value] : []
  return [...own, ...Object.values(plan).flatMap(value => found<Value>(value, name))]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}
