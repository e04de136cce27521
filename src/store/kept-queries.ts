import { type Compilable, type CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Engine } from './engine.ts'

/** What a query is given, by name. */
export type QueryValues = Readonly<Record<string, string | number>>
/** Stands in a query for the value of this name. */
export type Place = <Value extends string | number>(name: string) => RawBuilder<Value>

/** Forms of one query that are kept; of more, the one used longest ago is built again. */
export const FORMS_KEPT = 100

class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that is asked for often, built and compiled once for each form that it takes: which values it is given decides the form, and
 * nothing else may. To build and compile the page of attendance logs takes longer than SQLite takes to answer it.
 */
export class KeptQueries<Row> {
  readonly #engine: Pick<Engine, 'read'>
  readonly #build: (place: Place, values: QueryValues) => Compilable<Row>
  /** In order of last use, by the names of the values. */
  readonly #forms = new Map<string, CompiledQuery<Row>>()

  /**
   * @param build the query, with a place for each value. It is given the values for their names alone. Instants come in the form of the
   *   engine, since what the engine does to values has been done when they are put into their places.
   */
  constructor(engine: Pick<Engine, 'read'>, build: (place: Place, values: QueryValues) => Compilable<Row>) {
    this.#engine = engine
    this.#build = build
  }

  async rows(values: QueryValues): Promise<Row[]> {
    const form = this.#form(values)
    const parameters = form.parameters.map(value => (value instanceof Slot ? values[value.name] : value))
    return await this.#engine.read<Row>({ ...form, parameters })
  }

  #form(values: QueryValues): CompiledQuery<Row> {
    const key = Object.keys(values).join(' ')
    const known = this.#forms.get(key)
    if (known) this.#forms.delete(key)
    const form = known ?? this.#build(name => sql`${new Slot(name)}`, values).compile()
    this.#forms.set(key, form)
    if (this.#forms.size > FORMS_KEPT) {
      const [oldest] = this.#forms.keys()
      if (oldest !== undefined) this.#forms.delete(oldest)
    }
    return form
  }
}
