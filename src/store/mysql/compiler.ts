import { ColumnNode, InsertQueryNode, MysqlQueryCompiler, type OnConflictNode } from 'kysely'

/**
 * Says `on conflict` in the words of MySQL. It names no index: a table of ours has one unique key besides its id. To do nothing is
 * to set a column to itself, which counts as no change.
 */
export class MysqlCompiler extends MysqlQueryCompiler {
  protected override visitOnConflict(node: OnConflictNode): void {
    this.append('on duplicate key update ')
    if (node.updates) this.compileList(node.updates)
    else this.#changeNothing()
  }

  #changeNothing(): void {
    const insert = this.parentNode
    const column = insert && InsertQueryNode.is(insert) ? insert.columns?.[0] : undefined
    if (!column || !ColumnNode.is(column)) throw new Error('an insert that may collide names its columns')
    this.visitNode(column)
    this.append(' = ')
    this.visitNode(column)
  }
}
