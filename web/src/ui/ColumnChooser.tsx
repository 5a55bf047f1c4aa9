import { choosable, choose, type ColumnId, type ListFacts } from '../leads/columns'
import { columnName, table } from '../texts'
import { Icon } from './icons'
import { useMenu } from './useMenu'
import { FIRST_LAYOUT, type Layout } from './viewMemory'

interface Props {
  facts: ListFacts
  shown: readonly ColumnId[]
  layout: Layout
  setLayout: (layout: Layout) => void
}

/** Which columns the table shows, and how high its rows are; remembered in this browser. */
export function ColumnChooser({ facts, shown, layout, setLayout }: Props) {
  const menu = useMenu()
  const proposed = layout.columns.on.length + layout.columns.off.length === 0 && !layout.roomy
  return (
    <details className="menu column-chooser wide-only" ref={menu.ref}>
      <summary aria-label={table.columns} title={table.columns}>
        <Icon name="columns" size={18} />
      </summary>
      <div className="menu-body">
        <fieldset>
          <legend>{table.columns}</legend>
          {choosable(facts).map((id) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={shown.includes(id)}
                onChange={(event) =>
                  setLayout({ ...layout, columns: choose(layout.columns, id, event.target.checked) })
                }
              />
              <span>{columnName(id)}</span>
            </label>
          ))}
        </fieldset>
        <label>
          <input
            type="checkbox"
            checked={layout.roomy}
            onChange={(event) => setLayout({ ...layout, roomy: event.target.checked })}
          />
          <span>{table.roomy}</span>
        </label>
        <button type="button" disabled={proposed} onClick={() => setLayout(FIRST_LAYOUT)}>
          {table.asProposed}
        </button>
      </div>
    </details>
  )
}
