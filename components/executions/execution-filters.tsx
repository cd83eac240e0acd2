'use client'

import { useSearchParams } from 'next/navigation'
import { useId } from 'react'
import { Input } from '@/components/ui/input'
import { ParamSelect } from '@/components/ui/param-select'
import { SearchInput } from '@/components/ui/search-input'
import { useSetParams } from '@/components/ui/use-set-params'
import { EXECUTION_STATUSES, labelOfRange, labelOfSource, labelOfStatus, TIME_RANGES } from '@/lib/executions/words'

const ALL = 'all'
const CUSTOM = 'custom'
const STATUSES = [
  { value: ALL, label: 'All' },
  ...EXECUTION_STATUSES.map((status) => ({ value: status, label: labelOfStatus(status) })),
]
const SOURCES = [
  { value: ALL, label: 'All' },
  ...(['flow', 'replay', 'dry_run'] as const).map((source) => ({ value: source, label: labelOfSource(source) })),
]
const TIMES = [
  { value: ALL, label: 'Any' },
  ...TIME_RANGES.map((range) => ({ value: range, label: labelOfRange(range) })),
  { value: CUSTOM, label: 'From … to …' },
]

/** Which executions are shown; all of it lives in the URL. */
export function ExecutionFilters({ versions }: { versions: string[] }) {
  const isCustom = useSearchParams().get('time') === CUSTOM
  const versionOptions = [{ value: ALL, label: 'All' }, ...versions.map((value) => ({ value, label: value }))]
  return (
    <div className="flex flex-wrap items-end gap-x-5 gap-y-3">
      <SearchInput label="Message id or text" className="max-w-72" />
      <ParamSelect param="status" label="Filter by" options={STATUSES} defaultValue={ALL} />
      <ParamSelect param="version" label="Version" options={versionOptions} defaultValue={ALL} />
      <ParamSelect param="source" label="Made by" options={SOURCES} defaultValue={ALL} />
      <ParamSelect param="time" label="Started" options={TIMES} defaultValue={ALL} />
      {isCustom && (
        <>
          <MomentInput param="from" label="From" />
          <MomentInput param="to" label="To" />
        </>
      )}
    </div>
  )
}

/** A moment in the reader's time zone; in the URL it stands in UTC. */
function MomentInput({ param, label }: { param: string; label: string }) {
  const value = useSearchParams().get(param)
  const setParams = useSetParams()
  const id = useId()
  const moment = value ? new Date(value) : null
  return (
    <div className="flex items-center gap-2.5">
      <label htmlFor={id} className="text-ink-soft">
        {label}
      </label>
      <Input
        id={id}
        type="datetime-local"
        className="w-auto"
        defaultValue={moment && !Number.isNaN(moment.getTime()) ? localText(moment) : ''}
        onChange={({ target }) => {
          const typed = new Date(target.value)
          setParams({ [param]: Number.isNaN(typed.getTime()) ? null : typed.toISOString() })
        }}
      />
    </div>
  )
}

function localText(moment: Date): string {
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
