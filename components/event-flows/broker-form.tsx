'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Code } from '@/components/ui/code-block'
import { FormError, TextField } from '@/components/ui/field'
import type { FieldErrors } from '@/lib/errors'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import { DEFAULT_TIMEOUT_SECONDS, type FlowOptions } from '@/lib/event-flows/words'
import { AdvancedOptions } from './advanced-options'
import { BrokerIcon } from './broker-icon'

type BrokerFormProps = {
  endpoint: string
  options: BrokerFormOptions
  /** What is stored, when a flow is edited. The connection string is not: it never leaves the server. */
  stored?: { queueName: string; timeoutSeconds: number; options: FlowOptions }
  submitLabel: string
  isPending: boolean
  error?: string
  fields: FieldErrors
  onSubmit: (event: FormEvent<HTMLFormElement>) => void
  onCancel: () => void
}

/** The fields of an event flow: the queue, then the algorithm. */
export function BrokerForm(props: BrokerFormProps) {
  const { endpoint, options, stored, submitLabel, isPending, error, fields, onSubmit, onCancel } = props
  const form = useRef<HTMLFormElement>(null)

  useEffect(() => {
    if (Object.keys(fields).length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [fields])

  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-7">
      <div>
        <p className="text-xs uppercase tracking-wider">Broker type</p>
        <p className="mt-1.5 flex items-center gap-3">
          <BrokerIcon className="size-5" /> Azure SB
        </p>
      </div>
      <TextField
        name="queueName"
        label="Queue name"
        isSmallLabel
        required
        autoComplete="off"
        spellCheck={false}
        defaultValue={stored?.queueName}
        error={fields.queueName}
      />
      <ConnectionStringField
        embeddedBroker={options.embeddedBroker}
        isStored={stored !== undefined}
        error={fields.connectionString}
      />
      <hr />
      <AlgorithmHelp />
      <AlgorithmField endpoint={endpoint} baseUrl={options.algorithmBaseUrl} error={fields.algorithm} />
      <TextField
        name="timeoutSeconds"
        label="Algorithm timeout in seconds"
        isSmallLabel
        inputMode="numeric"
        autoComplete="off"
        defaultValue={stored?.timeoutSeconds}
        placeholder={String(DEFAULT_TIMEOUT_SECONDS)}
        error={fields.timeoutSeconds}
      />
      <AdvancedOptions stored={stored?.options} fields={fields} />
      <FormError message={error} />
      <div className="flex flex-col items-center gap-3 pt-2">
        <Button type="submit" variant="primary" size="lg" isPending={isPending}>
          {isPending ? 'Testing the connection…' : submitLabel}
        </Button>
        <Button variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

function AlgorithmHelp() {
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-bold text-lg">Algorithm</h3>
      <p className="text-ink-soft">
        Copy the endpoint from the top of the algorithm&rsquo;s profile: ALGO_OWNER/ALGO_NAME/ALGO_VERSION. The version
        is optional; without it each message runs the newest published version that you may call, private ones too.
      </p>
    </div>
  )
}

type ConnectionStringFieldProps = { embeddedBroker: string | null; isStored: boolean; error?: string }

function ConnectionStringField({ embeddedBroker, isStored, error }: ConnectionStringFieldProps) {
  const [text, setText] = useState('')
  return (
    <div className="flex flex-col items-start gap-2">
      <TextField
        name="connectionString"
        label="Connection string"
        isSmallLabel
        required={!isStored}
        autoComplete="off"
        spellCheck={false}
        className="w-full"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Endpoint=sb://NAMESPACE.servicebus.windows.net/;SharedAccessKeyName=POLICY;SharedAccessKey=KEY"
        help={isStored ? 'Leave this blank to keep the stored connection string.' : undefined}
        error={error}
      />
      {embeddedBroker && (
        <Button size="sm" onClick={() => setText(embeddedBroker)}>
          Use the embedded broker
        </Button>
      )}
    </div>
  )
}

function AlgorithmField({ endpoint, baseUrl, error }: { endpoint: string; baseUrl: string; error?: string }) {
  const [text, setText] = useState(endpoint)
  const path = text
    .trim()
    .replace(/^algo:\/\/+/, '')
    .replace(/^\/+/, '')
  return (
    <TextField
      name="algorithm"
      label="Algorithm"
      isSmallLabel
      required
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
      help={
        <Code className="text-ink">
          {baseUrl}
          {path}
        </Code>
      }
      error={error}
    />
  )
}
