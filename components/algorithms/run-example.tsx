'use client'

import { useState, useTransition } from 'react'
import { Button } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { CodeBlock } from '@/components/ui/code-block'
import { CopyButton } from '@/components/ui/copy-button'
import { Field, FormError } from '@/components/ui/field'
import { Textarea } from '@/components/ui/input'
import type { ConsoleRun } from '@/lib/algorithms/console-schema'
import { isJson, NOT_JSON } from '@/lib/algorithms/json-text'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { formatDuration } from '@/lib/format'
import { runAlgorithm } from './run-algorithm'

type Props = { path: AlgorithmPath; version: string; sample: { sampleInput: string; sampleOutput: string } }
type Output = { text: string; isError: boolean; note: string }

/** Try a published version with its sample input, or any other. */
export function RunExample({ path, version, sample }: Props) {
  const [input, setInput] = useState(sample.sampleInput || '"Jane"')
  const [output, setOutput] = useState<Output | undefined>(
    sample.sampleOutput ? { text: sample.sampleOutput, isError: false, note: 'Sample' } : undefined,
  )
  const [error, setError] = useState<string>()
  const [isRunning, startRun] = useTransition()

  function run() {
    setError(undefined)
    if (!isJson(input)) return setError(NOT_JSON)
    startRun(async () => {
      try {
        setOutput(describeRun(await runAlgorithm({ ...path, version, input })))
      } catch (failure) {
        setError(failure instanceof Error ? failure.message : String(failure))
      }
    })
  }

  return (
    <Section title="Run an Example">
      <div className="grid gap-6 lg:grid-cols-2">
        <div className="flex flex-col gap-2">
          <Field name="input" label="Input" isSmallLabel error={error}>
            {(control) => (
              <div className="relative">
                <Textarea
                  {...control}
                  value={input}
                  spellCheck={false}
                  onChange={(event) => setInput(event.target.value)}
                  className="min-h-40 pr-12 font-mono text-[0.8125rem]"
                />
                <div className="absolute top-1 right-2">
                  <CopyButton text={input} label="Copy input" />
                </div>
              </div>
            )}
          </Field>
        </div>
        <div className="flex flex-col gap-1.5" aria-live="polite">
          <span className="text-xs uppercase tracking-wider">Output{output && ` (${output.note})`}</span>
          {output?.isError && <FormError message="The algorithm ended with an error." />}
          <CodeBlock text={output?.text ?? ''} label="output" className="min-h-40" />
        </div>
      </div>
      <div>
        <Button variant="primary" onClick={run} isPending={isRunning}>
          Run Example
        </Button>
      </div>
    </Section>
  )
}

function describeRun(run: ConsoleRun): Output {
  const note = formatDuration(run.durationMs)
  if (run.ok) return { text: run.output, isError: false, note }
  const text = [`${run.errorType}: ${run.message}`, run.stackTrace].filter(Boolean).join('\n')
  return { text, isError: true, note }
}
