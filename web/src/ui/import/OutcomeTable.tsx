import { useVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef } from 'react'
import { phone } from '../../format'
import type { Checked } from '../../import/sheet'
import { importing } from '../../texts'
import { useMedia } from '../hooks'
import { Icon, type IconName } from '../icons'

const ROW = 36
const NARROW_ROW = 72
const ICONS: Record<Checked['outcome'], IconName> = {
  created: 'check',
  merged: 'again',
  marked: 'ban',
  asked: 'question',
  refused: 'cross',
}

/** The rows of a file and what becomes of each; only those in sight exist. Looked at first: an Enter too many sends nothing. */
export function OutcomeTable({ rows }: { rows: Checked[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const height = useMedia('(max-width: 720px)') ? NARROW_ROW : ROW
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 10,
  })
  useLayoutEffect(() => virtual.measure(), [virtual, height])
  return (
    <div
      className="outcomes"
      ref={scroller}
      role="table"
      aria-label={importing.what}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      data-autofocus
    >
      <div className="outcome-row outcome-head" role="row" aria-rowindex={1}>
        {[importing.line, importing.number, importing.name, importing.what].map((title) => (
          <span key={title} role="columnheader">
            {title}
          </span>
        ))}
      </div>
      <div className="rows" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const { line, given, phone: number, name, outcome, reason } = rows[index] as Checked
          return (
            <div
              key={line}
              className="outcome-row"
              role="row"
              aria-rowindex={index + 2}
              data-outcome={outcome}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span role="cell">{line.toLocaleString()}</span>
              <span role="cell">{number ? phone(number) : given || <span className="narrow-only">{name}</span>}</span>
              <span role="cell">{name}</span>
              <span role="cell" className="outcome" title={reason ? importing.why[reason] : undefined}>
                <Icon name={ICONS[outcome]} size={14} />
                <b>{importing.outcome[outcome]}</b>
                {reason && <span className="quiet">{importing.why[reason]}</span>}
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
