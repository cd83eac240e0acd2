'use client'

import { type ReactNode, useEffect, useState } from 'react'
import { Code } from '@/components/ui/code-block'
import { SelectField, TextField } from '@/components/ui/field'
import type { FieldErrors } from '@/lib/errors'
import { BACK_OFF_LABELS, DEFAULT_OPTIONS, type FlowOptions, MESSAGE_ORDER_LABELS } from '@/lib/event-flows/words'

const FIELDS = Object.keys(DEFAULT_OPTIONS)

type AdvancedOptionsProps = { stored?: FlowOptions; fields: FieldErrors }

/** How a flow treats its messages: closed at first, for most flows do well with what stands there. */
export function AdvancedOptions({ stored, fields }: AdvancedOptionsProps) {
  const [isOpen, setOpen] = useState(false)
  const hasError = FIELDS.some((name) => fields[name])
  useEffect(() => {
    if (hasError) setOpen(true)
  }, [hasError])
  return (
    <details
      open={isOpen || hasError}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="rounded-sm border border-line-strong px-4 py-3"
    >
      <summary className="cursor-pointer font-bold text-lg">Advanced</summary>
      <div className="flex flex-col gap-8 pt-5 pb-2">
        <WorkOptions stored={stored} fields={fields} />
        <BackOffOptions stored={stored} fields={fields} />
        <OutputOptions stored={stored} fields={fields} />
      </div>
    </details>
  )
}

function WorkOptions({ stored, fields }: AdvancedOptionsProps) {
  return (
    <OptionGroup title="Work">
      <OptionField
        inputMode="numeric"
        name="concurrency"
        label="Concurrency"
        help="How many messages run at a time, over all engines: 1 to 256."
        {...{ stored, fields }}
      />
      <SelectField
        name="messageOrder"
        label="Message order"
        defaultValue={stored?.messageOrder ?? DEFAULT_OPTIONS.messageOrder}
        help="Per session needs a queue that requires sessions: the messages of one session run one after the other, in their order; a message that fails keeps its session waiting."
        error={fields.messageOrder}
      >
        <Choices labels={MESSAGE_ORDER_LABELS} />
      </SelectField>
      <OptionField
        inputMode="numeric"
        name="lockRenewalLimitMinutes"
        label="Lock renewal limit in minutes"
        placeholder="No limit"
        help="The longest a message is kept in hand, run and back-off together. Then its run is ended and the message is given back. Blank: as long as it takes."
        {...{ stored, fields }}
      />
    </OptionGroup>
  )
}

function BackOffOptions({ stored, fields }: AdvancedOptionsProps) {
  const [kind, setKind] = useState<string>(stored?.backOffKind ?? DEFAULT_OPTIONS.backOffKind)
  return (
    <OptionGroup title="Back-off">
      <SelectField
        name="backOffKind"
        label="Wait after a failure"
        value={kind}
        onChange={(event) => setKind(event.target.value)}
        help="How long a message that failed waits for its next delivery. How often it is delivered is the queue’s maximum delivery count."
        error={fields.backOffKind}
      >
        <Choices labels={BACK_OFF_LABELS} />
      </SelectField>
      {kind !== 'none' && (
        <OptionField
          inputMode="numeric"
          name="backOffFirstSeconds"
          label={kind === 'fixed' ? 'Delay in seconds' : 'First delay in seconds'}
          {...{ stored, fields }}
        />
      )}
      {kind === 'exponential' && (
        <OptionField
          inputMode="numeric"
          name="backOffLongestMinutes"
          label="At most, in minutes"
          {...{ stored, fields }}
        />
      )}
    </OptionGroup>
  )
}

function OutputOptions({ stored, fields }: AdvancedOptionsProps) {
  return (
    <OptionGroup title="Output">
      <OptionField
        name="outputCollection"
        label="Output collection"
        placeholder="OWNER/COLLECTION"
        help="What the algorithm returns is written to a file of this collection of yours. Blank: results are kept with their executions only."
        {...{ stored, fields }}
      />
      <OptionField
        name="outputNameTemplate"
        label="File name"
        help={
          <>
            With <Code>{'<messageId>'}</Code>, <Code>{'<sequenceNumber>'}</Code> or <Code>{'<date>'}</Code> filled in.
            Two messages with the same name replace each other.
          </>
        }
        {...{ stored, fields }}
      />
    </OptionGroup>
  )
}

type OptionFieldProps = AdvancedOptionsProps & {
  name: keyof FlowOptions
  label: string
  /** Without one the default stands there. */
  placeholder?: string
  help?: ReactNode
  inputMode?: 'numeric'
}

/** An option that is typed; blank means its default. */
function OptionField({ name, stored, fields, placeholder, ...rest }: OptionFieldProps) {
  return (
    <TextField
      name={name}
      autoComplete="off"
      spellCheck={false}
      defaultValue={stored?.[name] ?? ''}
      placeholder={placeholder ?? String(DEFAULT_OPTIONS[name])}
      error={fields[name]}
      {...rest}
    />
  )
}

function OptionGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="flex flex-col gap-5">
      <legend className="mb-3 text-ink-soft text-xs uppercase tracking-wider">{title}</legend>
      {children}
    </fieldset>
  )
}

function Choices({ labels }: { labels: Record<string, string> }) {
  return Object.entries(labels).map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ))
}
