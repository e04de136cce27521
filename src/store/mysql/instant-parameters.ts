import {
  BinaryOperationNode,
  ColumnNode,
  type ColumnUpdateNode,
  type InsertQueryNode,
  type KyselyPlugin,
  type OperationNode,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  PrimitiveValueListNode,
  ReferenceNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
} from 'kysely'

/** Columns of instants, by name: no other column is called so in any table. */
const INSTANT_COLUMN = /_at$|^(not_before|proven_from|proven_until|seen_until)$/

/**
 * Sends instants in the form that MySQL reads. Above, an instant is text that ends in `Z`; MySQL refuses the letter, and takes the
 * session's zone, which is UTC, where there is none. Recognised by the column that it is compared with or stored in,
 * since a name or a user id may look like one.
 */
export class InstantParameters implements KyselyPlugin {
  readonly #transformer = new Transformer()

  transformQuery({ node, queryId }: PluginTransformQueryArgs): ReturnType<KyselyPlugin['transformQuery']> {
    return this.#transformer.transformNode(node, queryId)
  }

  async transformResult({ result }: PluginTransformResultArgs): ReturnType<KyselyPlugin['transformResult']> {
    return result
  }
}

/** `2026-01-05T08:30:00.000Z` without its zone. */
export function mysqlInstant(text: string): string {
  return text.slice(0, -1)
}

class Transformer extends OperationNodeTransformer {
  protected override transformColumnUpdate(node: ColumnUpdateNode): ColumnUpdateNode {
    const update = super.transformColumnUpdate(node)
    return isInstant(update.column) ? { ...update, value: converted(update.value) } : update
  }

  protected override transformBinaryOperation(node: BinaryOperationNode): BinaryOperationNode {
    const operation = super.transformBinaryOperation(node)
    if (!isInstant(operation.leftOperand)) return operation
    return BinaryOperationNode.create(operation.leftOperand, operation.operator, converted(operation.rightOperand))
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    const insert = super.transformInsertQuery(node)
    const { columns, values } = insert
    if (!columns || !values || !ValuesNode.is(values)) return insert
    const isInstantAt = columns.map(isInstant)
    const rows = values.values.map(row => {
      if (PrimitiveValueListNode.is(row)) {
        return PrimitiveValueListNode.create(
          row.values.map((value, i) => (isInstantAt[i] ? convertedValue(value) : value)),
        )
      }
      return ValueListNode.create(row.values.map((value, i) => (isInstantAt[i] ? converted(value) : value)))
    })
    return { ...insert, values: ValuesNode.create(rows) }
  }
}

function isInstant(node: OperationNode): boolean {
  if (ReferenceNode.is(node)) return isInstant(node.column)
  return ColumnNode.is(node) && INSTANT_COLUMN.test(node.column.name)
}

/** Another value than text stays as it is: the null of `is null` is no parameter. */
function converted(node: OperationNode): OperationNode {
  return ValueNode.is(node) && typeof node.value === 'string' ? ValueNode.create(mysqlInstant(node.value)) : node
}

function convertedValue(value: unknown): unknown {
  return typeof value === 'string' ? mysqlInstant(value) : value
}
