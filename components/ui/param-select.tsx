'use client'

import { ArrowDown, ArrowUp } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useId } from 'react'
import { Button } from './button'
import { Select } from './input'
import { useSetParams } from './use-set-params'

type ParamSelectProps = {
  param: string
  /** Stands before it: `Filter by`, `Sort by`. */
  label: string
  options: { value: string; label: string }[]
  /** The value when the URL has none; not written into the URL. */
  defaultValue: string
}

/** A choice that lives in the URL. */
export function ParamSelect({ param, label, options, defaultValue }: ParamSelectProps) {
  const id = useId()
  const value = useSearchParams().get(param) ?? defaultValue
  const setParams = useSetParams()
  return (
    <div className="flex items-center gap-2.5">
      <label htmlFor={id} className="whitespace-nowrap text-ink-soft">
        {label}
      </label>
      <Select
        id={id}
        value={value}
        onChange={(event) => setParams({ [param]: event.target.value === defaultValue ? null : event.target.value })}
        className="w-auto bg-panel font-semibold"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
    </div>
  )
}

/** `Sort by …` and the arrow that turns the order around: parameters `sort` and `order` (`asc` or `desc`). */
export function SortControl({
  options,
  defaultSort,
  defaultOrder = 'asc',
}: {
  options: ParamSelectProps['options']
  defaultSort: string
  defaultOrder?: 'asc' | 'desc'
}) {
  const order = useSearchParams().get('order') ?? defaultOrder
  const setParams = useSetParams()
  const other = order === 'asc' ? 'desc' : 'asc'
  const label = order === 'asc' ? 'Ascending; sort descending' : 'Descending; sort ascending'
  return (
    <div className="flex items-center gap-1">
      <ParamSelect param="sort" label="Sort by" options={options} defaultValue={defaultSort} />
      <Button
        variant="ghost"
        size="icon"
        aria-label={label}
        title={label}
        onClick={() => setParams({ order: other === defaultOrder ? null : other })}
      >
        {order === 'asc' ? <ArrowUp aria-hidden className="size-5" /> : <ArrowDown aria-hidden className="size-5" />}
      </Button>
    </div>
  )
}
